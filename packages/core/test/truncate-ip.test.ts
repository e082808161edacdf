import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { truncateIp } from '../src/index.ts'

const octet = fc.nat(255)
const ipv4 = fc.tuple(octet, octet, octet, octet)
const group = fc.oneof(fc.nat(0xffff), fc.constant(0))
const groups = (length: number): fc.Arbitrary<number[]> =>
  fc.array(group, { minLength: length, maxLength: length })
const hex = (each: readonly number[]): string => each.map((one) => one.toString(16)).join(':')
const isMapped = (all: readonly number[]): boolean =>
  all.slice(0, 5).every((one) => one === 0) && all[5] === 0xffff

/** Whether Node's own arithmetic finds the address in the network. */
function isWithin(ip: string, network: string, bits: number): boolean {
  const family = isIPv4(network) ? 'ipv4' : 'ipv6'
  const list = new BlockList()
  list.addSubnet(network, bits, family)
  return list.check(ip, family)
}

describe('truncateIp', () => {
  it.each([
    ['203.0.113.9', '203.0.113.0'],
    ['203.0.113.9:51234', '203.0.113.0'],
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.0'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::'],
    ['2001:DB8:0001::6', '2001:db8:1::'],
    ['2001:0:1:2::', '2001:0:1::'],
    ['2001:db8::1', '2001:db8::'],
    ['[2001:db8:1::6]', '2001:db8:1::'],
    ['[2001:db8:1::6]:443', '2001:db8:1::'],
    ['fe80::1%eth0', 'fe80::'],
    ['[fe80::1%25eth0]:80', 'fe80::'],
    ['::', '::'],
    ['::1', '::'],
    ['0:0:1::1', '0:0:1::'],
    ['1::1', '1::'],
    ['::ffff:203.0.113.9', '203.0.113.0'],
    ['::FFFF:cb00:7109', '203.0.113.0'],
    ['0:0:0:0:0:ffff:cb00:7109', '203.0.113.0'],
    ['[::ffff:203.0.113.9]:443', '203.0.113.0'],
    ['64:ff9b::203.0.113.9', '64:ff9b::'],
    ['::203.0.113.9', '::'],
    ['2002:cb00:7109::1', '203.0.113.0'],
    ['2002:cb00:7109:1:2:3:4:5', '203.0.113.0'],
  ])('of %s is %s', (ip, expected) => {
    expect(truncateIp(ip)).toBe(expected)
  })

  it.each([
    undefined,
    '',
    'unknown',
    'localhost',
    'example.com',
    '203.0.113.9, 198.51.100.7',
    ' 203.0.113.9',
    '203.0.113.9\n',
    '203.0.113',
    '203.0.113.9.1',
    '203.0.113.256',
    '203.0.113.09',
    '0313.0.113.9',
    '0xcb.0.113.9',
    '0xcb007109',
    '3405803785',
    '203.0.113.9:port',
    '203.0.113.9/24',
    '[203.0.113.9]',
    '２03.0.113.9',
    ':',
    ':::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    '12345::',
    'g::',
    '[::1',
    '::1]',
    '[]',
    '[::1]:',
    '[::1]@evil.example',
    '::1]/[::2',
    '::ffff:203.0.113.256',
    '::ffff:0313.0.113.9',
    '::1'.padEnd(100_000, '0'),
    5 as never,
    null as never,
    ['203.0.113.9'] as never,
  ])('of %j, which is no address, is undefined', (ip) => {
    expect(truncateIp(ip)).toBeUndefined()
  })

  it('of any IPv4 address is its /24', () => {
    const property = fc.property(ipv4, octet, ([a, b, c, d], other) => {
      const result = truncateIp(`${a}.${b}.${c}.${d}`)
      expect(result).toBe(`${a}.${b}.${c}.0`)
      expect(truncateIp(`${a}.${b}.${c}.${other}`)).toBe(result)
      for (const mapped of [
        `::ffff:${a}.${b}.${c}.${d}`,
        `::ffff:${hex([a * 256 + b, c * 256 + d])}`,
      ]) {
        expect(truncateIp(mapped)).toBe(result)
      }
    })
    fc.assert(property)
  })

  it('of any IPv6 address is its /48, whatever comes after and however it is written', () => {
    const property = fc.property(groups(3), groups(5), groups(5), (network, host, other) => {
      fc.pre(!isMapped([...network, ...host]) && !isMapped([...network, ...other]))
      const ip = hex([...network, ...host])
      const result = truncateIp(ip) ?? ''
      expect(isIPv6(result)).toBe(true)
      expect(isWithin(ip, result, 48)).toBe(true)
      // Nothing of the last 80 bits is left.
      expect(isWithin(result, hex([...network, 0, 0, 0, 0, 0]), 128)).toBe(true)
      expect(truncateIp(hex([...network, ...other]))).toBe(result)
      expect(truncateIp(new URL(`http://[${ip}]`).hostname.toUpperCase())).toBe(result)
      expect(truncateIp(result)).toBe(result)
    })
    fc.assert(property)
  })

  it('of any text does not throw, and is an address if the text is one', () => {
    const near = fc.stringMatching(/^[\dabfx.:[\]%/ ]{1,20}$/)
    const text = fc.oneof(fc.string({ unit: 'binary' }), near, fc.ipV4Extended(), fc.ipV6())
    const property = fc.property(text, (ip) => {
      const result = truncateIp(ip)
      if (isIP(ip) !== 0) expect(result).toBeDefined()
      if (result !== undefined) expect(isIP(result)).not.toBe(0)
    })
    fc.assert(property, { numRuns: 2000 })
  })
})

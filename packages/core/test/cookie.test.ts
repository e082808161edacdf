import { parseCookie } from 'cookie'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findCookie, serializeCookie, serializeDeletion, setCookieName } from '../src/cookie.ts'

const attributes = {
  name: '__Host-session',
  path: '/',
  sameSite: 'lax',
  httpOnly: true,
  secure: true,
  partitioned: false,
} as const

describe('findCookie', () => {
  it.each([
    [undefined, { kind: 'none' }],
    ['', { kind: 'none' }],
    ['a=1; b=2', { kind: 'none' }],
    ['sid=1', { kind: 'found', value: '1' }],
    ['a=1;sid=1;b=2', { kind: 'found', value: '1' }],
    ['a=1;sid=%41', { kind: 'found', value: '%41' }],
    ['a=1;\tsid = 1 ;b', { kind: 'none' }],
    ['xsid=1; sidx=2', { kind: 'none' }],
    ['SID=1', { kind: 'none' }],
    ['sid=', { kind: 'found', value: '' }],
    ['sid=a=b', { kind: 'found', value: 'a=b' }],
    ['sid=%E0%A4', { kind: 'found', value: '%E0%A4' }],
    ['sid="1"', { kind: 'found', value: '"1"' }],
    ['sid=1; sid=2', { kind: 'duplicate' }],
    ['sid=1; sid=1', { kind: 'duplicate' }],
    ['a=1; sid', { kind: 'none' }],
    ['sid =1; sid=2', { kind: 'found', value: '2' }],
    ['sid=1; sid =2', { kind: 'found', value: '1' }],
    ['sid =1;sid=2', { kind: 'found', value: '2' }],
    ['sid=1;sid=2', { kind: 'duplicate' }],
    ['a=sid=1; sid=2', { kind: 'found', value: '2' }],
  ])('reads %j', (header, expected) => {
    expect(findCookie(header, 'sid')).toEqual(expected)
  })

  it('looks at 65,536 characters, and not at one more', () => {
    const header = 'sid=1; a='.padEnd(65_536, 'x')
    expect(findCookie(header, 'sid')).toEqual({ kind: 'found', value: '1' })
    expect(findCookie(`${header}x`, 'sid')).toEqual({ kind: 'oversized' })
  })

  it('never throws, and finds only what is there', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.string(), (noise, value) => {
        const found = findCookie(`${noise}; sid=${value}`, 'sid')
        expect(['none', 'duplicate', 'found']).toContain(found.kind)
      }),
    )
  })

  it('finds what the parser finds in each pair', () => {
    const part = fc.constantFrom(
      'sid',
      'sid=',
      '=',
      ';',
      '; ',
      ' ',
      '\t',
      '\u00a0',
      '"',
      'x',
      'sidx',
    )
    const raw = { decode: (value: string) => value }
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const header = parts.join('')
        const pairs = header.split(';').filter((pair) => pair.includes('sid='))
        const values = pairs.flatMap((pair) => parseCookie(pair, raw)['sid'] ?? [])
        const [value] = values
        const one = value === undefined ? { kind: 'none' } : { kind: 'found', value }
        expect(findCookie(header, 'sid')).toEqual(values.length > 1 ? { kind: 'duplicate' } : one)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('serialising', () => {
  it('deletes under the very attributes that it sets under', () => {
    const set = serializeCookie(attributes, 'v', 60).split('; ')
    const deleted = serializeDeletion(attributes).split('; ')
    const kept = (part: string): boolean => !/^(__Host-session|Max-Age|Expires)=/.test(part)
    expect(deleted.filter(kept)).toEqual(set.filter(kept))
    expect(deleted).toContain('Max-Age=0')
    expect(deleted).toContain('Expires=Thu, 01 Jan 1970 00:00:00 GMT')
    expect(deleted).toContain('__Host-session=')
  })

  it('takes 4096 bytes of name and value, and refuses 4097', () => {
    const value = 'v'.repeat(4096 - attributes.name.length)
    expect(serializeCookie(attributes, value, undefined)).toContain(value)
    expect(() => serializeCookie(attributes, `${value}v`, undefined)).toThrow(
      expect.objectContaining({ code: 'ERR_COOKIE_TOO_LARGE' }),
    )
  })

  it('sets a value as it is: as it was sealed, it is found again', () => {
    expect(serializeCookie(attributes, '%41*~', undefined)).toContain('__Host-session=%41*~; ')
  })

  it.each([
    ['a=b; Path=/', 'a'],
    [' a = b', 'a'],
    ['a', 'a'],
    ['=b', ''],
  ])('reads the name of %j', (value, name) => {
    expect(setCookieName(value)).toBe(name)
  })
})

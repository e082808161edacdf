import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  applyChanges,
  applyInPlace,
  difference,
  joinTexts,
  parseData,
  textsOf,
} from '../src/data.ts'

const json = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 5 })

describe('session data', () => {
  it('comes back as it was saved', () => {
    fc.assert(
      fc.property(json, (data) => {
        const plain: unknown = JSON.parse(JSON.stringify(data))
        expect(parseData(joinTexts(textsOf(data)))).toEqual(plain)
      }),
    )
  })

  it('merges by top-level key: the difference of two, applied to the first, is the second', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        const [from, to] = [textsOf(a), textsOf(b)]
        expect(new Map(applyChanges(from, difference(from, to)))).toEqual(new Map(to))
        const inPlace = structuredClone(a)
        applyInPlace(inPlace, difference(from, to))
        expect(textsOf(inPlace)).toEqual(to)
      }),
    )
  })

  it('keeps keys that are no prototype', () => {
    const data = parseData('{"__proto__":{"admin":true},"constructor":1}')
    const target = {}
    applyInPlace(target, textsOf(data))
    expect(Object.keys(target)).toEqual(['__proto__', 'constructor'])
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
    expect((target as { admin?: boolean }).admin).toBeUndefined()
    expect(joinTexts(textsOf(target))).toBe('{"__proto__":{"admin":true},"constructor":1}')
  })

  const cycle: Record<string, unknown> = {}
  cycle['self'] = cycle
  it.each([
    ['a Map', { a: new Map() }],
    ['a Set', { a: { b: new Set() } }],
    ['a bigint', { a: 1n }],
    ['NaN', { a: Number.NaN }],
    ['Infinity', { a: [Infinity] }],
    ['a function', { a: () => {} }],
    ['a symbol', { a: Symbol('s') }],
    ['a cycle', { a: cycle }],
    ['an object with a class', { a: new URLSearchParams() }],
    [
      'a value whose toJSON throws',
      {
        a: {
          toJSON: () => {
            throw new Error('secret')
          },
        },
      },
    ],
  ])('refuses %s, and says where', (_name, data) => {
    expect(() => textsOf(data)).toThrow(expect.objectContaining({ code: 'ERR_DATA_INVALID' }))
    expect(() => textsOf(data)).toThrow(/session\.data\.a/)
    expect(() => textsOf(data)).not.toThrow(/secret/)
  })

  it('takes a Date as its text, an undefined as no key', () => {
    const texts = textsOf({ at: new Date(0), gone: undefined })
    expect(joinTexts(texts)).toBe('{"at":"1970-01-01T00:00:00.000Z"}')
  })

  const nested = (levels: number, inside: unknown): unknown =>
    Array.from({ length: levels }).reduce((value) => [value], inside)

  it('takes 500 levels, and says of 501 that they are too many', () => {
    const data = { a: nested(500, 1) }
    expect(parseData(joinTexts(textsOf(data)))).toEqual(data)
    const deeper = { code: 'ERR_DATA_INVALID', path: ['a'], message: expect.any(String) as string }
    expect(() => textsOf({ a: nested(501, 1) })).toThrow(expect.objectContaining(deeper))
    expect(() => textsOf({ a: nested(501, 1) })).toThrow(/nested too deeply: 500/)
    expect(() => textsOf({ a: nested(100_000, 1) })).toThrow(/nested too deeply: 500/)
  })

  it('says where the problem is behind what was through before it', () => {
    const same = { x: [1] }
    const data = { a: [same, same, { b: [[], {}, { c: Number.NaN }] }] }
    const path = ['a', '2', 'b', '2', 'c']
    expect(() => textsOf(data)).toThrow(expect.objectContaining({ path }))
  })

  it('takes no memory for each object in it: a megabyte must not fill the heap', () => {
    const wide = nested(
      400,
      Array.from({ length: 300_000 }, () => []),
    )
    expect(textsOf({ a: wide }).get('a')).toHaveLength(900_801)
  })

  it.each(['', 'null', '[1]', '"a"', '{', '1'])('refuses %j from a store', (text) => {
    expect(() => parseData(text)).toThrow(expect.objectContaining({ code: 'ERR_DATA_INVALID' }))
  })
})

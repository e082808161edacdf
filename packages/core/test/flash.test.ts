import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Content } from '../src/content.ts'
import { flashCall, withoutMessage } from '../src/flash.ts'

const empty: Content = { data: new Map([['n', '1']]), messages: new Map([['a', '1']]) }

describe('flash', () => {
  it('with a key alone takes', () => {
    expect(flashCall('a', [])).toEqual({ kind: 'take', key: 'a' })
  })

  it('with a value leaves it beside what is there, whatever the key', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (key, value) => {
        const call = flashCall(key, [value])
        if (call.kind === 'take') throw new Error('It takes')
        const { data, messages } = call.add(empty)
        expect(data).toBe(empty.data)
        expect(JSON.parse(messages.get(key) ?? '')).toEqual(JSON.parse(JSON.stringify(value)))
        expect(messages.size).toBe(key === 'a' ? 1 : 2)
        expect(empty.messages.size).toBe(1)
      }),
    )
  })

  it.each([[undefined], [() => {}], [Symbol('s')], [1n], [{ toJSON: () => undefined }]])(
    'refuses the value %s, which no JSON holds',
    (value) => {
      const invalid = { code: 'ERR_DATA_INVALID', path: ['a'] }
      expect(() => flashCall('a', [value])).toThrow(expect.objectContaining(invalid))
    },
  )

  it.each([[undefined], [null], [5], [{}]])('refuses the key %j', (key) => {
    const config = { code: 'ERR_CONFIG' }
    expect(() => flashCall(key as never, [])).toThrow(expect.objectContaining(config))
  })

  it('a message is taken away alone, and what is not there changes nothing', () => {
    expect(withoutMessage(empty, 'a')).toEqual({ data: empty.data, messages: new Map() })
    expect(withoutMessage(empty, '__proto__')).toEqual(empty)
  })
})

import { describe, expect, it } from 'vitest'
import { isSessionId } from '../src/record.ts'

describe('the id of a session', () => {
  const id = 'aZ09_-'.padEnd(22, 'x')

  it('is 22 characters of base64url', () => {
    expect(isSessionId(id)).toBe(true)
  })

  it.each([
    ['shorter', id.slice(1)],
    ['longer', `${id}x`],
    ['with something before it', `!${id}`],
    ['with something behind it', `${id}!`],
    ['with a line break behind it', `${id}\n`],
    ['of other characters', id.replace('x', '.')],
    ['in an array, which reads the same', [id]],
    ['nothing', undefined],
  ])('is none when it is %s', (_what, value) => {
    expect(isSessionId(value)).toBe(false)
  })
})

import { describe, expect, it, vi } from 'vitest'
import { clearingsFor, resolvePrevious } from '../src/previous-cookies.ts'
import type { CookieAttributes } from '../src/cookie.ts'
import { world } from './support/browser.ts'

const current: CookieAttributes = {
  name: '__Host-session',
  path: '/',
  sameSite: 'none',
  secure: true,
  partitioned: true,
  httpOnly: true,
}

describe('earlier cookies', () => {
  it('are deleted under their own name, path and domain, and as the present one is guarded', () => {
    const { clearings, mistakes } = resolvePrevious(
      [{ name: 'connect.sid', path: '/shop', domain: 'a.example' }],
      current,
    )
    expect(mistakes).toEqual([])
    expect(clearings).toEqual([
      {
        name: 'connect.sid',
        setCookie:
          'connect.sid=; Max-Age=0; Domain=a.example; Path=/shop; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=None',
      },
    ])
  })

  it.each<[string | undefined, string[]]>([
    [undefined, []],
    ['', []],
    ['a=1', ['a']],
    ['a', []],
    ['xa=1; b=a=1', []],
    ['a=1; a=2', ['a']],
    ['own=1', []],
    ['own=1; a=1', ['a']],
    ['own=1; own=2', ['own']],
  ])('with the header %j are to be deleted: %j', (header, expected) => {
    const previous = ['a', 'own'].map((name) => ({ name, setCookie: name }))
    expect(clearingsFor(previous, header, 'own')).toEqual(expected)
  })

  it.each([
    ['connect.sid', 1],
    ['__Secure-session', 0],
  ])('called %s leave %i warnings of two cookies of the session', async (name, warnings) => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const { browser } = world({ cookie: { path: '/shop', previous: [{ name }] } })
    await browser().request({ cookie: '__Secure-session=a; __Secure-session=b' })
    expect(warn).toHaveBeenCalledTimes(warnings)
  })
})

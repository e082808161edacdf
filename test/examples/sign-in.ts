/** What every example that signs users in is held to. */
import { expect, test } from 'vitest'
import { Visitor, type Ask } from './visitor.ts'

/** In each example's accounts. */
export const USER = 'ada'
export const PASSWORD = 'lovelace'
/** What one test changes it to, for as long as it runs. */
export const NEXT_PASSWORD = 'engine'

const DELETION = /^(__Host-)?session=; Max-Age=0;/

/** An app under test. */
export interface Example {
  readonly ask: Ask
  /** How many records of sessions the user has in the store. */
  records(user: string): Promise<number>
}

export function signInTests(example: () => Example): void {
  const visitor = (): Visitor => new Visitor(example().ask)

  test('signs in, with a cookie for https alone', async () => {
    const laptop = visitor()
    expect(await laptop.whoami()).toBeUndefined()
    const { status, setCookies } = await laptop.post('/login', { user: USER, password: PASSWORD })
    expect(status).toBe(200)
    expect(setCookies).toEqual([expect.stringMatching(/^__Host-session=.+; HttpOnly; Secure;/)])
    expect(await laptop.whoami()).toBe(USER)
    expect(await example().records(USER)).toBe(1)
  })

  test.each([
    ['a wrong password', { user: USER, password: 'babbage' }],
    ['an unknown user', { user: 'nobody', password: PASSWORD }],
  ])('answers %s with 401 and no cookie', async (_what, credentials) => {
    const { status, setCookies } = await visitor().post('/login', credentials)
    expect({ status, setCookies }).toEqual({ status: 401, setCookies: [] })
    expect(await example().records(credentials.user)).toBe(0)
  })

  test.each([
    ['nothing', undefined],
    ['no JSON', '{"user":'],
    ['no object', '[]'],
    ['no password', `{"user":"${USER}"}`],
    ['an operator for a name', `{"user":{"$ne":null},"password":"${PASSWORD}"}`],
    ['half a character for a name', String.raw`{"user":"\ud800","password":"any"}`],
    ['a name that is too long', JSON.stringify({ user: 'a'.repeat(3000), password: 'any' })],
  ])('answers a login that says %s with 400', async (_what, body) => {
    const headers = { 'content-type': 'application/json' }
    const sent = { method: 'POST', headers, ...(body !== undefined && { body }) }
    expect((await visitor().send('/login', sent)).status).toBe(400)
  })

  test('a logout deletes cookie and record, and the old cookie signs nobody in', async () => {
    const laptop = await visitor().login(USER, PASSWORD)
    const thief = laptop.copy()
    const { status, setCookies } = await laptop.post('/logout')
    expect(status).toBe(204)
    expect(setCookies).toEqual([expect.stringMatching(DELETION)])
    expect(await example().records(USER)).toBe(0)
    expect(await thief.whoami()).toBeUndefined()
    // Nor does a second logout fail.
    expect((await laptop.post('/logout')).status).toBe(204)
  })

  test.each([
    ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['a host beside it', { origin: 'https://b.example', 'sec-fetch-site': 'same-site' }],
    ['an older browser', { origin: 'https://evil.example' }],
    ['a page without an origin', { origin: 'null' }],
  ])('a form of %s signs nobody out, nor does it delete a cookie', async (_what, headers) => {
    const laptop = await visitor().login(USER, PASSWORD)
    const form = { 'content-type': 'application/x-www-form-urlencoded', ...headers }
    // With the cookie, as from the same site, and without it.
    for (const from of [laptop, visitor()]) {
      const answer = await from.send('/logout', { method: 'POST', headers: form, body: 'a=b' })
      expect(answer).toMatchObject({ status: 403, setCookies: [] })
    }
    const own = { 'sec-fetch-site': 'same-origin' }
    expect((await laptop.send('/logout', { method: 'POST', headers: own })).status).toBe(204)
  })

  test('a change of password signs the other device out, and this one gets a new cookie', async () => {
    const laptop = await visitor().login(USER, PASSWORD)
    const phone = await visitor().login(USER, PASSWORD)
    const before = laptop.copy()
    try {
      const change = { current: PASSWORD, next: NEXT_PASSWORD }
      expect((await laptop.post('/account/password', change)).status).toBe(204)
      expect(await laptop.whoami()).toBe(USER)
      expect(await phone.whoami()).toBeUndefined()
      expect(await before.whoami()).toBeUndefined()
      expect(await example().records(USER)).toBe(1)
      const old = await visitor().post('/login', { user: USER, password: PASSWORD })
      expect(old.status).toBe(401)
    } finally {
      // For the next test; where this fails, so do those.
      const change = { current: NEXT_PASSWORD, next: PASSWORD }
      const again = await visitor().login(USER, NEXT_PASSWORD)
      await again.post('/account/password', change)
    }
  })

  test('a change of password needs a session, and the current password', async () => {
    const change = { current: 'babbage', next: NEXT_PASSWORD }
    expect((await visitor().post('/account/password', change)).status).toBe(401)
    const laptop = await visitor().login(USER, PASSWORD)
    const phone = await visitor().login(USER, PASSWORD)
    expect((await laptop.post('/account/password', change)).status).toBe(403)
    expect((await laptop.post('/account/password', { next: NEXT_PASSWORD })).status).toBe(400)
    expect(await phone.whoami()).toBe(USER)
    await visitor().login(USER, PASSWORD)
  })
}

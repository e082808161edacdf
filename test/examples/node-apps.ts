/** What an example on `@adjourn/node` is held to, whatever its framework. */
import { createSessions, memoryStore, type Sessions } from '@adjourn/core'
import { faultyStore } from '@adjourn/core/testing'
import { createAccounts, type Accounts } from '@adjourn/example-accounts'
import type { RequestListener } from 'node:http'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { listen, type Listening } from '../conformance/bindings/listen.ts'
import type { Answered } from '../support/http.ts'
import { afterNextCheck } from './login-under-way.ts'
import { PASSWORD, signInTests, USER } from './sign-in.ts'
import { askAt, Visitor } from './visitor.ts'

/** The app of an example, with a `GET` of each of these names that ends the session and answers so. */
export type Create = (options: {
  readonly sessions: Sessions
  readonly accounts: Accounts
}) => Promise<RequestListener>

/** How an app answers that has a route of that name. */
const ANSWERS: Readonly<Record<string, Partial<Answered>>> = {
  send: { status: 200, body: 'bye' },
  redirect: { status: 302, location: '/' },
  error: { status: 500, body: '{"error":"INTERNAL_ERROR"}' },
  stream: { status: 200, body: 'bye' },
  'not-found': { status: 404 },
}

const DELETION = /^__Host-session=; Max-Age=0;/

export function nodeAppTests(create: Create): void {
  const store = faultyStore(memoryStore())
  const secrets = 'the-secret-of-the-examples-tests-0'
  const sessions = createSessions({ store, secrets })
  const accounts = createAccounts()
  let app: Listening
  const visitor = (): Visitor => new Visitor(askAt(app.at))

  beforeAll(async () => {
    await accounts.setPassword(USER, PASSWORD)
    app = await listen(await create({ sessions, accounts }))
  })
  afterEach(() => sessions.revokeAll(USER))
  afterAll(async () => {
    await app.close()
    await sessions.close()
  })

  signInTests(() => ({
    ask: askAt(app.at),
    records: async (user) => (await sessions.list(user)).length,
  }))

  test.each(Object.entries(ANSWERS))('a logout deletes the cookie on: %s', async (name, answer) => {
    vi.spyOn(console, 'error').mockReturnValue()
    const laptop = await visitor().login(USER, PASSWORD)
    const thief = laptop.copy()
    const answered = await laptop.get(`/${name}`)
    expect(answered).toMatchObject(answer)
    expect(answered.setCookies).toEqual([expect.stringMatching(DELETION)])
    expect(await thief.whoami()).toBeUndefined()
  })

  test('a login whose password was checked before all sessions were ended does not come in', async () => {
    afterNextCheck(accounts, () => sessions.revokeAll(USER))
    const late = await visitor().post('/login', { user: USER, password: PASSWORD })
    expect(late).toMatchObject({ status: 401, body: '{"error":"ERR_SESSION_REVOKED"}' })
  })

  test('what is no page is a 404, and what is too large a 413', async () => {
    expect((await visitor().get('/nowhere')).status).toBe(404)
    const large = { user: USER, password: 'x'.repeat(20_000) }
    expect((await visitor().post('/login', large)).status).toBe(413)
  })

  test('while the store is away it answers 503, and nobody is signed out', async () => {
    const errors = vi.spyOn(console, 'error').mockReturnValue()
    const laptop = await visitor().login(USER, PASSWORD)
    store.fail('all')
    const answers = [await laptop.get('/account'), await laptop.post('/logout')]
    store.restore()
    const body = '{"error":"ERR_STORE_UNAVAILABLE"}'
    for (const answer of answers)
      expect(answer).toMatchObject({ status: 503, setCookies: [], body })
    expect(errors).toHaveBeenCalledTimes(answers.length)
    expect(await laptop.whoami()).toBe(USER)
  })

  test('an end that the store does not confirm deletes the cookie, and is no success', async () => {
    vi.spyOn(console, 'error').mockReturnValue()
    const laptop = await visitor().login(USER, PASSWORD)
    store.fail('delete')
    const answered = await laptop.post('/logout')
    store.restore()
    expect(answered).toMatchObject({ status: 503, body: '{"error":"ERR_STORE_UNAVAILABLE"}' })
    expect(answered.setCookies).toEqual([expect.stringMatching(DELETION)])
  })
}

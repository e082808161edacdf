import { createSessions } from '@adjourn/core'
import { faultyStore, manualClock } from '@adjourn/core/testing'
import { backchannelLogout } from '@adjourn/tokens'
import { SignJWT, exportJWK, generateKeyPair } from 'jose'
import { afterEach, describe, expect, test } from 'vitest'
import type { Listening } from '../conformance/bindings/listen.ts'
import { onEachStore } from '../conformance/bindings/stores.ts'
import { get } from '../support/http.ts'
import { onExpress, onHono } from './backchannel-apps.ts'

const ISSUER = 'https://provider.example'
const CLIENT = 'our-client'
const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }] }

const running: Listening[] = []
afterEach(async () => {
  for (const app of running.splice(0)) await app.close()
})

onEachStore('adjourn_backchannel', (createStore) => {
  function setUp() {
    const clock = manualClock()
    const store = faultyStore(createStore())
    const sessions = createSessions({
      store,
      clock,
      secrets: 'a-secret-of-these-tests-of-32-chars',
      cookie: { secure: false },
    })
    const logout = backchannelLogout(sessions, { issuer: ISSUER, clientId: CLIENT, jwks, clock })
    async function body(claims: Record<string, unknown>): Promise<URLSearchParams> {
      const iat = Math.floor(clock.now() / 1000)
      const events = { 'http://schemas.openid.net/event/backchannel-logout': {} }
      const all = { iss: ISSUER, aud: CLIENT, iat, exp: iat + 120, events, ...claims }
      const token = await new SignJWT({ jti: crypto.randomUUID(), ...all })
        .setProtectedHeader({ alg: 'ES256', kid: 'k1', typ: 'logout+jwt' })
        .sign(privateKey)
      return new URLSearchParams({ logout_token: token })
    }
    async function logOut(claims: Record<string, unknown>): Promise<Response> {
      return logout(
        new Request('https://app.example', { method: 'POST', body: await body(claims) }),
      )
    }
    return { clock, store, sessions, logout, body, logOut }
  }

  describe.each([
    ['Hono', onHono],
    ['Express', onExpress],
  ])('on %s', (framework, start) => {
    // The stores outlive a test.
    const sub = (name: string) => `${name}-${framework}-there`

    test('ends what it names; the browsers lose their cookies on their next request', async () => {
      const { sessions, logout, body } = setUp()
      const app = await start(sessions, logout, ISSUER)
      running.push(app)
      const signIn = async (user: string, sid?: string): Promise<string> => {
        const query = new URLSearchParams({ user, sub: sub(user) })
        if (sid !== undefined) query.set('sid', `${sid}-${framework}`)
        const { setCookies } = await get(`${app.at}/login?${query.toString()}`)
        return setCookies[0]?.split(';')[0] ?? ''
      }
      const send = async (claims: Record<string, unknown>) => {
        const url = `${app.at}/backchannel-logout`
        const answer = await fetch(url, { method: 'POST', body: await body(claims) })
        expect(answer.headers.getSetCookie()).toEqual([])
        expect(answer.headers.get('cache-control')).toBe('no-store')
        return { status: answer.status, text: await answer.text() }
      }
      const page = (cookie: string) => get(app.at, { cookie, 'sec-fetch-mode': 'navigate' })
      const [laptop, phone, unnamed, bobs] = [
        await signIn('ann', 's1'),
        await signIn('ann', 's2'),
        await signIn('ann'),
        await signIn('bob'),
      ]
      expect((await page(laptop)).body).toBe('ann')

      expect((await send({ sid: `s0-${framework}` })).status).toBe(200)
      expect((await page(unnamed)).body).toBe('ann')

      expect(await send({ sub: sub('ann'), sid: `s1-${framework}` })).toEqual({
        status: 200,
        text: '',
      })
      const over = await page(laptop)
      expect(over.body).toBe('nobody')
      expect(over.setCookies).toHaveLength(1)
      expect(over.setCookies[0]).toContain('Max-Age=0')
      expect((await page(phone)).body).toBe('ann')
      // It may have been the one.
      expect((await page(unnamed)).body).toBe('nobody')
      expect((await page(bobs)).body).toBe('bob')

      expect((await send({ sub: sub('ann') })).status).toBe(200)
      expect((await page(phone)).body).toBe('nobody')
      expect((await page(bobs)).body).toBe('bob')

      const refused = await send({ sub: sub('bob'), aud: 'another-client' })
      expect(refused.status).toBe(400)
      expect(JSON.parse(refused.text)).toMatchObject({ error: 'invalid_request' })
      expect((await page(bobs)).body).toBe('bob')
    })
  })

  describe('a login that is under way', () => {
    const visitor = { header: () => undefined, headersSent: () => false, queue: () => {} }

    test.each([
      ['sid', (federation: { sid: string; subject: string }) => ({ sid: federation.sid })],
      ['sub', (federation: { sid: string; subject: string }) => ({ sub: federation.subject })],
    ])(
      'does not escape a logout by %s, if its fence covers the federation',
      async (_name, claims) => {
        const { sessions, logOut } = setUp()
        const userId = crypto.randomUUID()
        const federation = { issuer: ISSUER, subject: userId, sid: `sid-${userId}` }
        const session = await sessions.load(visitor)
        const fence = await sessions.fence(userId, { federation })
        expect((await logOut(claims(federation))).status).toBe(200)
        await expect(session.create({ userId, federation, fence })).rejects.toMatchObject({
          code: 'ERR_SESSION_REVOKED',
        })
        expect(await sessions.list(userId)).toEqual([])
        // One that begins afterwards is innocent.
        const later = await sessions.fence(userId, { federation })
        await session.create({ userId, federation, fence: later })
        expect(await sessions.list(userId)).toHaveLength(1)
      },
    )

    test('needs a fence that covers the federation', async () => {
      const { sessions } = setUp()
      const federation = { issuer: ISSUER, subject: 'x', sid: 'y' }
      const session = await sessions.load(visitor)
      const fence = await sessions.fence('x')
      await expect(session.create({ userId: 'x', federation, fence })).rejects.toMatchObject({
        code: 'ERR_SESSION_REVOKED',
      })
    })

    test('does not escape one that meets its own insert, even without', async () => {
      const { sessions, store, logOut } = setUp()
      const userId = crypto.randomUUID()
      const federation = { issuer: ISSUER, subject: userId }
      const session = await sessions.load(visitor)
      store.pause('insert')
      const login = session.create({ userId, federation })
      const refused = expect(login).rejects.toMatchObject({ code: 'ERR_SESSION_REVOKED' })
      await store.reached('insert')
      expect((await logOut({ sub: userId })).status).toBe(200)
      store.release('insert')
      await refused
      expect(await sessions.list(userId)).toEqual([])
    })

    test.each([
      ['sid and sub', { subject: 'ann', sid: 's1' }, { sub: 'ann', sid: 's1' }],
      ['sub', { subject: 'ann', sid: 's1' }, { sub: 'ann' }],
      ['sid and sub, of a login without sid', { subject: 'ann' }, { sub: 'ann', sid: 's1' }],
    ])(
      'does not escape a logout by %s that came while the code was exchanged',
      async (_name, names, claims) => {
        const { sessions, clock, logOut } = setUp()
        // The stores outlive a test.
        const suffix = crypto.randomUUID()
        const unique = (given: object): Record<string, string> =>
          Object.fromEntries(
            Object.entries(given).map(([key, value]) => [key, `${value}-${suffix}`]),
          )
        const federation = { issuer: ISSUER, subject: '', ...unique(names) }
        const since = new Date(clock.now())
        const fence = () => sessions.fence('ann', { federation, since })
        await fence()
        await logOut(unique(claims))
        await expect(fence()).rejects.toMatchObject({ code: 'ERR_SESSION_REVOKED' })
        clock.advance(1)
        await sessions.fence('ann', { federation, since: new Date(clock.now()) })
      },
    )
  })
})

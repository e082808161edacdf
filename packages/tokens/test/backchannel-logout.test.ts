import { createSessions, memoryStore, type SessionStore } from '@adjourn/core'
import { faultyStore, manualClock } from '@adjourn/core/testing'
import * as fc from 'fast-check'
import { UnsecuredJWT, base64url, exportJWK, SignJWT } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { backchannelLogout, type BackchannelLogoutOptions } from '../src/index.ts'
import {
  CLIENT,
  ISSUER,
  LOGOUT_EVENT,
  keySet,
  logoutClaims,
  logoutRequest,
  providerKey,
  sign,
  type Claims,
  type ProviderKey,
} from './provider.ts'

let key: ProviderKey
let foreign: ProviderKey
let jwks: Awaited<ReturnType<typeof keySet>>
beforeAll(async () => {
  key = await providerKey('k1')
  foreign = await providerKey('k1')
  jwks = await keySet(key)
})

const clock = manualClock()
const typ = 'logout+jwt'

function setUp(
  options: Partial<BackchannelLogoutOptions> = {},
  store: SessionStore = memoryStore(),
) {
  const sessions = createSessions({ store, secrets: 'a-secret-of-these-tests-of-32-chars', clock })
  const errors: unknown[] = []
  const logout = backchannelLogout(sessions, {
    issuer: ISSUER,
    clientId: CLIENT,
    jwks,
    clock,
    onError: (error) => errors.push(error),
    ...options,
  })
  async function signIn(userId: string, federation: { subject: string; sid?: string }) {
    const session = await sessions.load({
      header: () => undefined,
      headersSent: () => false,
      queue: () => {},
    })
    await session.create({ userId, federation: { issuer: ISSUER, ...federation } })
    const { id = '' } = session
    return { isAlive: async () => (await sessions.find(id)) !== undefined }
  }
  const logoutToken = (claims: Claims = {}) => sign(key, logoutClaims(clock.now(), claims), { typ })
  return { sessions, logout, signIn, errors, logoutToken }
}

async function refusal(response: Response): Promise<{ error: string; error_description: string }> {
  expect(response.status).toBe(400)
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(response.headers.get('content-type')).toBe('application/json')
  return (await response.json()) as { error: string; error_description: string }
}

describe('a valid logout token', () => {
  test('with a sid ends the sessions of that sid, and no other of the subject', async () => {
    const { logout, signIn, logoutToken } = setUp()
    const meant = await signIn('ann', { subject: 'ann-there', sid: 's1' })
    const other = await signIn('ann', { subject: 'ann-there', sid: 's2' })
    const response = await logout(logoutRequest(await logoutToken({ sid: 's1' })))
    expect([response.status, await response.text()]).toEqual([200, ''])
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await meant.isAlive()).toBe(false)
    expect(await other.isAlive()).toBe(true)
  })

  test('with a sid alone will do', async () => {
    const { logout, signIn, logoutToken } = setUp()
    const meant = await signIn('ann', { subject: 'ann-there', sid: 's1' })
    const token = await logoutToken({ sid: 's1', sub: undefined })
    expect((await logout(logoutRequest(token))).status).toBe(200)
    expect(await meant.isAlive()).toBe(false)
  })

  test('with both ends those of the subject of which no sid is known, too', async () => {
    const { logout, signIn, logoutToken } = setUp()
    const named = await signIn('ann', { subject: 'ann-there', sid: 's1' })
    const unnamed = await signIn('ann', { subject: 'ann-there' })
    const other = await signIn('ann', { subject: 'ann-there', sid: 's2' })
    const bob = await signIn('bob', { subject: 'bob-there' })
    const alive = () => Promise.all([named, unnamed, other, bob].map((each) => each.isAlive()))
    const alone = await logoutToken({ sid: 's1', sub: undefined })
    expect((await logout(logoutRequest(alone))).status).toBe(200)
    expect(await alive()).toEqual([false, true, true, true])
    expect((await logout(logoutRequest(await logoutToken({ sid: 's1' })))).status).toBe(200)
    expect(await alive()).toEqual([false, false, true, true])
  })

  test.each([
    ['sub', { sid: 's1', sub: 'x'.repeat(2001) }, [false, true]],
    ['sid', { sid: 'x'.repeat(2001) }, [true, false]],
  ])(
    'with a %s that no session can have ends what the other names',
    async (_name, claims, after) => {
      const { logout, signIn, logoutToken } = setUp()
      const named = await signIn('ann', { subject: 'ann-there', sid: 's1' })
      const unnamed = await signIn('ann', { subject: 'ann-there' })
      expect((await logout(logoutRequest(await logoutToken(claims)))).status).toBe(200)
      expect([await named.isAlive(), await unnamed.isAlive()]).toEqual(after)
    },
  )

  test('without a sid ends all sessions of the subject, and of nobody else', async () => {
    const { logout, signIn, logoutToken } = setUp()
    const one = await signIn('ann', { subject: 'ann-there', sid: 's1' })
    const two = await signIn('ann', { subject: 'ann-there' })
    const bob = await signIn('bob', { subject: 'bob-there', sid: 's3' })
    expect((await logout(logoutRequest(await logoutToken()))).status).toBe(200)
    expect([await one.isAlive(), await two.isAlive(), await bob.isAlive()]).toEqual([
      false,
      false,
      true,
    ])
  })

  test('is answered 200 where nobody was signed in', async () => {
    const { logout, logoutToken, errors } = setUp()
    expect((await logout(logoutRequest(await logoutToken({ sid: 'unknown' })))).status).toBe(200)
    expect(errors).toEqual([])
  })

  test.each(['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA', 'Ed25519'])(
    'may be signed with %s',
    async (alg) => {
      const signer = await providerKey('k', alg)
      const { logout } = setUp({ jwks: await keySet(signer) })
      const token = await sign(signer, logoutClaims(clock.now()), { typ })
      expect((await logout(logoutRequest(token))).status).toBe(200)
    },
  )

  test('may have several audiences, a long type, other members and parameters', async () => {
    const { logout } = setUp()
    const claims = logoutClaims(clock.now(), {
      aud: ['somebody', CLIENT],
      trace: 1,
      events: { [LOGOUT_EVENT]: {}, revoke_offline_access: true },
    })
    const token = await sign(key, claims, { typ: 'application/logout+jwt' })
    const body = new URLSearchParams({ logout_token: token, extra: 'x' })
    expect((await logout(logoutRequest(token, { body }))).status).toBe(200)
  })

  test('may name no key, where several fit', async () => {
    const { logout } = setUp({
      jwks: await keySet(await providerKey('a'), await providerKey('b'), key),
    })
    const unnamed = await sign(key, logoutClaims(clock.now()), { typ, kid: undefined })
    expect((await logout(logoutRequest(unnamed))).status).toBe(200)
    const unknown = await sign(foreign, logoutClaims(clock.now()), { typ, kid: undefined })
    await refusal(await logout(logoutRequest(unknown)))
  })

  test('may be verified with a key that a function finds', async () => {
    const { logout, logoutToken } = setUp({
      jwks: async ({ kid }) => (kid === 'k1' ? key.publicKey : undefined),
    })
    expect((await logout(logoutRequest(await logoutToken()))).status).toBe(200)
    const strange = await sign(key, logoutClaims(clock.now()), { typ, kid: 'k2' })
    expect((await refusal(await logout(logoutRequest(strange)))).error).toBe('invalid_request')
  })
})

const now = (): number => Math.floor(clock.now() / 1000)

/** Each breaks one rule of section 2.6. */
const BROKEN: Record<string, () => Promise<string>> = {
  'no token at all': async () => '',
  garbage: async () => 'a.b.c',
  'an encrypted token': async () => 'a.b.c.d.e',
  'an unsecured token': async () => new UnsecuredJWT(logoutClaims(clock.now())).encode(),
  'alg none with a type': async () => {
    const encode = (value: unknown) => base64url.encode(JSON.stringify(value))
    return `${encode({ alg: 'none', typ })}.${encode(logoutClaims(clock.now()))}.`
  },
  'a key of somebody else': () => sign(foreign, logoutClaims(clock.now()), { typ }),
  'an unknown key': () => sign(key, logoutClaims(clock.now()), { typ, kid: 'k9' }),
  'a key in its own header': async () =>
    sign(foreign, logoutClaims(clock.now()), {
      typ,
      kid: 'k9',
      jwk: await exportJWK(foreign.publicKey),
      jku: 'https://attacker.example/keys',
    }),
  'the public key as a secret (HS256)': async () => {
    const secret = new TextEncoder().encode(JSON.stringify(jwks.keys[0]))
    return new SignJWT(logoutClaims(clock.now()))
      .setProtectedHeader({ alg: 'HS256', typ, kid: 'k1' })
      .sign(secret)
  },
  'claims that were changed': async () => {
    const [header, , signature] = (await sign(key, logoutClaims(clock.now()), { typ })).split('.')
    return [header, base64url.encode(JSON.stringify(logoutClaims(clock.now()))), signature].join(
      '.',
    )
  },
  'an unknown critical header': async () => {
    const encoded = base64url.encode(
      JSON.stringify({ alg: 'ES256', typ, kid: 'k1', crit: ['x'], x: 1 }),
    )
    return `${encoded}.${base64url.encode('{}')}.${base64url.encode('x')}`
  },
  'no type': () => sign(key, logoutClaims(clock.now())),
  'the type JWT': () => sign(key, logoutClaims(clock.now()), { typ: 'JWT' }),
  'the type of an access token': () => sign(key, logoutClaims(clock.now()), { typ: 'at+jwt' }),
  ...withClaims({
    'no iss': { iss: undefined },
    'another iss': { iss: 'https://other.example' },
    'an iss of another type': { iss: [ISSUER] },
    'no aud': { aud: undefined },
    'another aud': { aud: 'another-client' },
    'an aud of others': { aud: ['a', 'b'] },
    'no iat': { iat: undefined },
    'an iat that is no number': { iat: '1' },
    'no exp': { exp: undefined },
    'an exp that is no number': { exp: 'never' },
    'no events': { events: undefined },
    'events that are a list': { events: [LOGOUT_EVENT] },
    'events without the member': { events: { other: {} } },
    'an event that is no object': { events: { [LOGOUT_EVENT]: true } },
    'an event that is null': { events: { [LOGOUT_EVENT]: null } },
    'an event that is a list': { events: { [LOGOUT_EVENT]: [] } },
    'neither sub nor sid': { sub: undefined },
    'an empty sid': { sid: '' },
    'a sid that is no string': { sid: 7 },
    'a sub that is no string': { sub: { $ne: '' }, sid: 's1' },
    'a sub longer than any session has': { sub: 'x'.repeat(2001) },
    'a sub that is not well-formed': { sub: '\uD800' },
    'a nonce': { nonce: 'n' },
    'an empty nonce': { nonce: '' },
    'no jti': { jti: undefined },
    'an empty jti': { jti: '' },
    'a jti that is no string': { jti: 1 },
  }),
  'an exp in the past': () => signed({ exp: now() - 61, iat: now() - 100 }),
  'an iat in the future': () => signed({ iat: now() + 61, exp: now() + 180 }),
  'an iat too long ago': () => signed({ iat: now() - 361, exp: now() + 60 }),
  'an nbf in the future': () => signed({ nbf: now() + 61 }),
}

function signed(claims: Claims): Promise<string> {
  return sign(key, logoutClaims(clock.now(), claims), { typ })
}

function withClaims(cases: Record<string, Claims>): Record<string, () => Promise<string>> {
  return Object.fromEntries(
    Object.entries(cases).map(([name, claims]) => [name, () => signed(claims)]),
  )
}

describe('a logout token is refused, and nobody signed out', () => {
  test.each(Object.entries(BROKEN))('with %s', async (_name, make) => {
    const { logout, signIn, errors } = setUp()
    const session = await signIn('ann', { subject: 'ann-there', sid: 's1' })
    const token = await make()
    const body = await refusal(await logout(logoutRequest(token)))
    expect(body.error).toBe('invalid_request')
    // Nothing of the token comes back, to whoever may read it.
    for (const part of token.split('.').filter((each) => each.length > 5)) {
      expect(JSON.stringify(body)).not.toContain(part)
    }
    expect(await session.isAlive()).toBe(true)
    expect(errors).toHaveLength(1)
  })

  test.each([
    ['an exp within the skew', () => signed({ exp: now() - 59, iat: now() - 100 })],
    ['an iat within the skew', () => signed({ iat: now() + 60 })],
    ['an iat just within its age', () => signed({ iat: now() - 360 })],
  ])('but not with %s', async (_name, make) => {
    const { logout } = setUp()
    expect((await logout(logoutRequest(await make()))).status).toBe(200)
  })

  test('with an algorithm that is not on the list', async () => {
    const { logout, logoutToken } = setUp({ algorithms: ['RS256'] })
    await refusal(await logout(logoutRequest(await logoutToken())))
  })
})

describe('a request is refused', () => {
  const form = 'application/x-www-form-urlencoded'
  const CASES: Record<string, (token: string) => Request> = {
    'with GET': (token) => new Request(`https://app.example/?logout_token=${token}`),
    'with PUT': (token) => logoutRequest(token, { method: 'PUT' }),
    'without a body': (token) =>
      logoutRequest(token, { body: null, headers: { 'content-type': form } }),
    'as JSON': (token) =>
      logoutRequest(token, {
        body: JSON.stringify({ logout_token: token }),
        headers: { 'content-type': 'application/json' },
      }),
    'as text': (token) => logoutRequest(token, { body: `logout_token=${token}` }),
    'without a type': (token) =>
      logoutRequest(token, { body: new TextEncoder().encode(`logout_token=${token}`) }),
    'as a form with files': (token) => {
      const body = new FormData()
      body.set('logout_token', token)
      return logoutRequest(token, { body })
    },
    'with two tokens': (token) =>
      logoutRequest(token, {
        body: new URLSearchParams([
          ['logout_token', token],
          ['logout_token', token],
        ]),
      }),
    'that is too large': (token) =>
      logoutRequest(token, {
        body: new URLSearchParams({ logout_token: token, more: 'x'.repeat(64 * 1024) }),
      }),
    'whose body breaks off': (token) =>
      logoutRequest(token, {
        body: new ReadableStream({ pull: (controller) => controller.error(new Error('gone')) }),
        headers: { 'content-type': form },
        duplex: 'half',
      } as RequestInit),
  }
  test.each(Object.entries(CASES))('%s', async (_name, make) => {
    const { logout, logoutToken, signIn } = setUp()
    const session = await signIn('ann', { subject: 'ann-there' })
    const body = await refusal(await logout(make(await logoutToken())))
    expect(body.error).toBe('invalid_request')
    expect(await session.isAlive()).toBe(true)
  })

  test('whose body was read before: that is the app, and rejects', async () => {
    const { logout, logoutToken } = setUp()
    const request = logoutRequest(await logoutToken())
    await request.text()
    await expect(logout(request)).rejects.toMatchObject({ code: 'ERR_CONFIG' })
  })

  test('a body of any size is not read to its end', async () => {
    const { logout } = setUp()
    let sent = 0
    const body = new ReadableStream({
      pull(controller) {
        sent += 16 * 1024
        controller.enqueue(new Uint8Array(16 * 1024))
      },
    })
    const headers = { 'content-type': form }
    await refusal(await logout(logoutRequest('', { body, headers, duplex: 'half' } as RequestInit)))
    expect(sent).toBeLessThan(256 * 1024)
  })

  test('whatever it holds', async () => {
    const { logout } = setUp()
    const part = fc.oneof(fc.string({ unit: 'binary' }), fc.base64String(), fc.json())
    const token = fc.oneof(
      part,
      fc.array(part, { maxLength: 6 }).map((parts) => parts.join('.')),
    )
    await fc.assert(
      fc.asyncProperty(token, fc.boolean(), async (text, encoded) => {
        const body = encoded ? new URLSearchParams({ logout_token: text }) : `logout_token=${text}`
        const request = logoutRequest('', { body, headers: { 'content-type': form } })
        await refusal(await logout(request))
      }),
    )
    const json = fc.json().map((text) => base64url.encode(text))
    await fc.assert(
      fc.asyncProperty(json, json, json, async (header, claims, signature) => {
        await refusal(await logout(logoutRequest(`${header}.${claims}.${signature}`)))
      }),
    )
  })
})

describe('older providers', () => {
  test.each([undefined, 'JWT', 'logout+jwt'])('may send the type %s if asked to', async (older) => {
    const { logout } = setUp({ requireType: false })
    const token = await sign(
      key,
      logoutClaims(clock.now()),
      older === undefined ? {} : { typ: older },
    )
    expect((await logout(logoutRequest(token))).status).toBe(200)
  })

  test.each(['at+jwt', 'secevent+jwt', 7])('may not send the type %s', async (other) => {
    const { logout } = setUp({ requireType: false })
    const token = await sign(key, logoutClaims(clock.now()), { typ: other })
    await refusal(await logout(logoutRequest(token)))
  })

  test('may leave out exp if asked to; their tokens are too old in time all the same', async () => {
    const { logout, logoutToken } = setUp({ requireExpiry: false })
    expect((await logout(logoutRequest(await logoutToken({ exp: undefined })))).status).toBe(200)
    const old = await logoutToken({ exp: undefined, iat: now() - 361 })
    await refusal(await logout(logoutRequest(old)))
  })
})

describe('a token that was used', () => {
  test('is refused, and ends nothing that began since', async () => {
    const { logout, logoutToken, signIn } = setUp()
    const token = await logoutToken()
    expect((await logout(logoutRequest(token))).status).toBe(200)
    const session = await signIn('ann', { subject: 'ann-there' })
    await refusal(await logout(logoutRequest(token)))
    expect(await session.isAlive()).toBe(true)
    expect((await logout(logoutRequest(await logoutToken()))).status).toBe(200)
    expect(await session.isAlive()).toBe(false)
  })

  test('is refused for as long as it would be valid', async () => {
    const { logout } = setUp()
    const began = clock.now()
    // As late as it can be: issued in the future, within the skew.
    const iat = now() + 60
    const token = await signed({ iat, exp: iat + 10_000 })
    expect((await logout(logoutRequest(token))).status).toBe(200)
    const described = new Set<string>()
    for (const second of [0, 300, 359, 419, 420]) {
      clock.set(new Date(began + second * 1000))
      described.add((await refusal(await logout(logoutRequest(token)))).error_description)
    }
    expect([...described]).toEqual(['The token was used already'])
    clock.set(new Date(began + 421_000))
    const { error_description: why } = await refusal(await logout(logoutRequest(token)))
    expect(why).toContain('iat')
    clock.set(new Date(began))
  })

  test('is done once when it comes several times at once', async () => {
    const { logout, logoutToken, sessions } = setUp()
    const token = await logoutToken()
    const answers = await Promise.all([1, 2, 3].map(() => logout(logoutRequest(token))))
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 400, 400])
    await sessions.close()
  })
})

describe('a store that fails', () => {
  test.each(['revoke', 'purge'] as const)(
    'at %s: no success is told, and a retry works',
    async (call) => {
      const store = faultyStore(memoryStore())
      const { logout, logoutToken, signIn, errors } = setUp({}, store)
      const session = await signIn('ann', { subject: 'ann-there' })
      const token = await logoutToken()
      store.fail(call)
      const body = await refusal(await logout(logoutRequest(token)))
      expect(body.error).toBe('temporarily_unavailable')
      expect(errors).toMatchObject([{ code: 'ERR_STORE_UNAVAILABLE' }])
      store.restore()
      expect((await logout(logoutRequest(token))).status).toBe(200)
      expect(await session.isAlive()).toBe(false)
    },
  )

  test('at the second of two writes: no success is told, and a retry ends the rest', async () => {
    const store = faultyStore(memoryStore())
    const { logout, logoutToken, signIn, errors } = setUp({}, store)
    const named = await signIn('ann', { subject: 'ann-there', sid: 's1' })
    const unnamed = await signIn('ann', { subject: 'ann-there' })
    const token = await logoutToken({ sid: 's1' })
    store.pause('purge')
    const answer = logout(logoutRequest(token))
    await store.reached('purge')
    store.fail('revoke')
    store.release('purge')
    const body = await refusal(await answer)
    expect(body.error).toBe('temporarily_unavailable')
    expect([await named.isAlive(), await unnamed.isAlive()]).toEqual([false, true])
    expect(errors).toMatchObject([{ code: 'ERR_STORE_UNAVAILABLE' }])
    store.restore()
    expect((await logout(logoutRequest(token))).status).toBe(200)
    expect(await unnamed.isAlive()).toBe(false)
  })

  test('keys that cannot be had: the same', async () => {
    let fails = true
    const { logout, logoutToken, errors } = setUp({
      jwks: async () => {
        if (fails) throw new Error('no network')
        return key.publicKey
      },
      onError: (error) => {
        errors.push(error)
        throw new Error('of the app')
      },
    })
    const token = await logoutToken()
    const body = await refusal(await logout(logoutRequest(token)))
    expect(body.error).toBe('temporarily_unavailable')
    expect(JSON.stringify(body)).not.toContain('network')
    expect(errors).toMatchObject([{ message: 'no network' }])
    fails = false
    expect((await logout(logoutRequest(token))).status).toBe(200)
  })
})

import { inspect } from 'node:util'
import { CompactSign, createLocalJWKSet, importJWK, jwtVerify } from 'jose'
import { beforeEach, describe, expect, it } from 'vitest'
import { accessTokens, generateTokenKey, type TokenKey } from '../src/index.ts'
import {
  AUDIENCE,
  forge,
  ISSUER,
  partsOf,
  rejection,
  world,
  type World,
} from './support/access-world.ts'

let at: World

beforeEach(async () => {
  at = await world()
})

const seconds = (): number => at.clock.now() / 1000

describe('issue', () => {
  it('makes an RFC 9068 token of the session', async () => {
    const session = await at.signIn('ann')
    at.clock.advance(10.5)
    const { header, claims } = partsOf(await at.tokens.issue(session))
    expect(header).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: at.key.kid })
    expect(claims).toEqual({
      iss: ISSUER,
      aud: AUDIENCE,
      sub: 'ann',
      sid: session.id,
      jti: expect.stringMatching(/^[\w-]{22}$/) as string,
      iat: Math.floor(seconds()),
      exp: Math.floor(seconds() + 300),
      auth_time: seconds() - 10.5,
      client_id: AUDIENCE,
    })
  })

  it('names each token by 128 bits of the random source', async () => {
    const session = await at.signIn()
    const [one, two] = await Promise.all([at.tokens.issue(session), at.tokens.issue(session)])
    expect(partsOf(one).claims['jti']).not.toBe(partsOf(two).claims['jti'])
    const sizes: number[] = []
    const random = (size: number): Uint8Array => {
      sizes.push(size)
      return new Uint8Array(size).fill(1)
    }
    const { claims } = partsOf(await (await world({ random })).tokens.issue(session))
    expect(claims['jti']).toBe('AQEBAQEBAQEBAQEBAQEBAQ')
    expect(sizes).toEqual([16])
  })

  it('takes a lifetime and a client', async () => {
    const { tokens } = await world({ ttl: 60, clientId: 'web' })
    const { claims } = partsOf(await tokens.issue(await at.signIn()))
    expect(claims).toMatchObject({ exp: seconds() + 60, client_id: 'web' })
  })

  it('never outlives the session', async () => {
    const session = await at.signIn()
    // Idle after an hour.
    at.clock.advance(3600 - 100.5)
    const { claims } = partsOf(await at.tokens.issue(session))
    expect(claims['exp']).toBe(Math.floor((session.expiresAt?.getTime() ?? 0) / 1000))
    expect(Number(claims['exp']) - Number(claims['iat'])).toBeLessThanOrEqual(101)
  })

  it('refuses a session in its last second, and one that has expired', async () => {
    at.clock.advance(0.7)
    const session = await at.signIn()
    at.clock.advance(3600 - 0.8)
    const { claims } = partsOf(await at.tokens.issue(session))
    expect(Number(claims['exp'])).toBe(Number(claims['iat']) + 1)
    at.clock.advance(0.5)
    expect(await rejection(at.tokens.issue(session))).toMatchObject({ code: 'ERR_SESSION_ENDED' })
    at.clock.advance(100)
    expect(await rejection(at.tokens.issue(session))).toMatchObject({ code: 'ERR_SESSION_ENDED' })
  })

  it('refuses who is not signed in', async () => {
    const anonymous = await at.visit()
    await anonymous.create()
    const ended = await at.signIn()
    await ended.end()
    for (const session of [await at.visit(), anonymous, ended, undefined, 'ann']) {
      const error = await rejection(at.tokens.issue(session as typeof ended))
      expect(error).toMatchObject({ code: 'ERR_SESSION_ENDED', status: 401 })
    }
  })

  it('says what the app adds', async () => {
    const own = { scope: 'read', roles: ['a', { b: null }], ['__proto__']: { sub: 'eve' } }
    const token = await at.tokens.issue(await at.signIn(), { claims: own })
    const { claims } = await at.tokens.verify(token)
    expect(claims).toMatchObject({ sub: 'ann', scope: 'read', roles: ['a', { b: null }] })
    expect(Object.getPrototypeOf(claims)).toBe(Object.prototype)
  })

  for (const name of 'iss aud sub sid jti iat exp nbf auth_time client_id'.split(' ')) {
    it(`lets no claim of the app replace ${name}`, async () => {
      const session = await at.signIn()
      const hidden = { toJSON: () => ({ [name]: 'x' }) }
      for (const claims of [{ [name]: 'x' }, hidden]) {
        const error = await rejection(at.tokens.issue(session, { claims }))
        expect(error).toMatchObject({ code: 'ERR_CONFIG' })
        expect(error.message).toContain(name)
      }
    })
  }

  it('refuses claims that are no JSON, or too long, and arguments that it does not know', async () => {
    const session = await at.signIn()
    const cycle: Record<string, unknown> = {}
    cycle['cycle'] = cycle
    const values = [1n, Number.NaN, Infinity, -Infinity, () => {}, Symbol('s'), cycle]
    const wrong: unknown[] = [
      ...values.map((value) => ({ a: [value] })),
      [],
      'claims',
      null,
      () => {},
    ]
    const options: unknown[] = [
      ...wrong.map((claims) => ({ claims })),
      { claim: {} },
      null,
      'claims',
    ]
    options.push({ claims: { long: 'x'.repeat(8192) } })
    for (const given of options) {
      const error = await rejection(at.tokens.issue(session, given as { claims: {} }))
      expect(error, inspect(given)).toMatchObject({ code: 'ERR_CONFIG' })
    }
    await at.tokens.issue(session, { claims: { long: 'x'.repeat(5000), gone: undefined } })
  })
})

describe('verify', () => {
  for (const alg of ['EdDSA', 'ES256', 'RS256'] as const) {
    it(`accepts a token with ${alg}, and tells of its session`, async () => {
      at = await world({}, alg)
      const session = await at.signIn('ann')
      const token = await at.tokens.issue(session)
      const result = await at.tokens.verify(token)
      expect(result.claims).toEqual(partsOf(token).claims)
      expect(result.session).toMatchObject({ id: session.id, userId: 'ann' })
      expect(partsOf(token).header['alg']).toBe(alg)
    })
  }

  it('agrees with jose, given the public keys', async () => {
    const token = await at.tokens.issue(await at.signIn())
    const keys = createLocalJWKSet(await at.tokens.jwks())
    const { payload } = await jwtVerify(token, keys, {
      issuer: ISSUER,
      audience: AUDIENCE,
      typ: 'at+jwt',
      currentDate: new Date(at.clock.now()),
    })
    expect(payload.sub).toBe('ann')
  })

  it('takes users of any name', async () => {
    for (const userId of ['ann\0', '日本', '__proto__', '"', 'x'.repeat(1900)]) {
      const { claims, session } = await at.tokens.verify(
        await at.tokens.issue(await at.signIn(userId)),
      )
      expect([claims.sub, session.userId]).toEqual([userId, userId])
    }
  })

  it('refuses a token as soon as its session is over, and no other', async () => {
    const ways = {
      end: (session) => session.end(),
      destroy: (session) => at.sessions.destroy(session.id ?? ''),
      revokeAll: () => at.sessions.revokeAll('ann'),
      everyone: () => at.sessions.revokeAll({ everyone: true }),
      elsewhere: async () => (await at.signIn()).revokeOthers(),
    } satisfies Record<string, (session: Awaited<ReturnType<World['signIn']>>) => Promise<unknown>>
    for (const [way, end] of Object.entries(ways)) {
      const session = await at.signIn()
      const token = await at.tokens.issue(session)
      await at.tokens.verify(token)
      await end(session)
      const error = await rejection(at.tokens.verify(token))
      expect(error, way).toMatchObject({ code: 'ERR_TOKEN_INVALID', reason: 'session' })
      await at.tokens.verify(await at.tokens.issue(await at.signIn()))
    }
  })

  it('outlives a rotation, as the session does', async () => {
    const session = await at.signIn()
    const token = await at.tokens.issue(session)
    await session.rotate()
    await at.tokens.verify(token)
  })

  it('expires, 5 seconds late at most, without asking the store', async () => {
    const token = await at.tokens.issue(await at.signIn())
    at.clock.advance(304.9)
    await at.tokens.verify(token)
    const calls = at.store.calls.length
    at.clock.advance(0.1)
    expect(await rejection(at.tokens.verify(token))).toMatchObject({ reason: 'expired' })
    expect(at.store.calls.length).toBe(calls)
  })

  it('lets nobody in while the clock tells no time', async () => {
    const token = await at.tokens.issue(await at.signIn())
    const { issuer, audience, keys } = { issuer: ISSUER, audience: AUDIENCE, keys: [at.key] }
    const clock = { now: () => Number.NaN }
    const tokens = accessTokens(at.sessions, { issuer, audience, keys, clock })
    expect(await rejection(tokens.verify(token))).toMatchObject({ reason: 'expired' })
  })

  it('reads the store once, only after the signature', async () => {
    const token = await at.tokens.issue(await at.signIn())
    const other = await forge(await generateTokenKey(), token, {})
    const before = at.store.calls.length
    await rejection(at.tokens.verify(other))
    expect(at.store.calls.length).toBe(before)
    await at.tokens.verify(token)
    expect(at.store.calls.slice(before).map(({ operation }) => operation)).toEqual(['read'])
  })

  it('says of an outage that it is one', async () => {
    const token = await at.tokens.issue(await at.signIn())
    at.store.fail('read')
    const error = await rejection(at.tokens.verify(token))
    expect(error).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE', status: 503 })
    at.store.restore()
    await at.tokens.verify(token)
  })
})

const NEGATIVE: readonly (readonly [
  what: string,
  reason: string,
  parts: (now: number) => { header?: object; claims?: object },
])[] = [
  ['an ID token', 'type', () => ({ header: { typ: 'JWT' } })],
  ['a logout token', 'type', () => ({ header: { typ: 'logout+jwt' } })],
  ['a token without a type', 'type', () => ({ header: { typ: undefined } })],
  ['a token of another type case', 'type', () => ({ header: { typ: ['at+jwt'] } })],
  ['a foreign key id', 'key', () => ({ header: { kid: 'foreign' } })],
  ['no key id', 'key', () => ({ header: { kid: undefined } })],
  ['a key id of the prototype', 'key', () => ({ header: { kid: '__proto__' } })],
  ['an embedded key', 'malformed', () => ({ header: { jwk: { kty: 'OKP', crv: 'Ed25519' } } })],
  ['a key to be fetched', 'malformed', () => ({ header: { jku: 'https://evil.example/jwks' } })],
  ['a certificate to be fetched', 'malformed', () => ({ header: { x5u: 'https://evil.example' } })],
  ['an embedded certificate', 'malformed', () => ({ header: { x5c: ['MIIB'] } })],
  ['compression', 'malformed', () => ({ header: { zip: 'DEF' } })],
  ['more than 8192 characters', 'malformed', () => ({ claims: { x: 'x'.repeat(8192) } })],
  ['another issuer', 'issuer', () => ({ claims: { iss: 'https://evil.example' } })],
  ['no issuer', 'issuer', () => ({ claims: { iss: undefined } })],
  ['another audience', 'audience', () => ({ claims: { aud: 'https://other.example' } })],
  ['several audiences', 'audience', () => ({ claims: { aud: [AUDIENCE] } })],
  ['no audience', 'audience', () => ({ claims: { aud: undefined } })],
  ['no expiry', 'claims', () => ({ claims: { exp: undefined } })],
  ['an expiry that is no number', 'claims', (now) => ({ claims: { exp: String(now + 60) } })],
  ['no time of issue', 'claims', () => ({ claims: { iat: undefined } })],
  ['a time of issue in the future', 'claims', (now) => ({ claims: { iat: now + 6 } })],
  ['a time before which it is not good', 'claims', (now) => ({ claims: { nbf: now + 6 } })],
  ['such a time that is no number', 'claims', () => ({ claims: { nbf: 'never' } })],
  ['no user', 'claims', () => ({ claims: { sub: undefined } })],
  ['a user that is no text', 'claims', () => ({ claims: { sub: ['ann'] } })],
  ['a user that nobody can be', 'claims', () => ({ claims: { sub: '\ud800' } })],
  ['a user too long to be one', 'claims', () => ({ claims: { sub: 'x'.repeat(2001) } })],
  ['no session', 'claims', () => ({ claims: { sid: undefined } })],
  ['an empty session', 'claims', () => ({ claims: { sid: '' } })],
  ['no token id', 'claims', () => ({ claims: { jti: undefined } })],
  ['no client', 'claims', () => ({ claims: { client_id: undefined } })],
  ['the past', 'expired', (now) => ({ claims: { exp: now - 5 } })],
  ['a session of another user', 'session', () => ({ claims: { sub: 'eve' } })],
  ['a session that is not', 'session', () => ({ claims: { sid: 'nothing' } })],
]

describe('verify refuses, though signed with our key,', () => {
  for (const [what, reason, parts] of NEGATIVE) {
    it(what, async () => {
      const token = await at.tokens.issue(await at.signIn())
      await at.tokens.verify(await forge(at.key, token, {}))
      const forged = await forge(at.key, token, parts(seconds()))
      const calls = at.store.calls.length
      const error = await rejection(at.tokens.verify(forged))
      if (reason !== 'session') expect(at.store.calls.length).toBe(calls)
      expect(error).toMatchObject({ code: 'ERR_TOKEN_INVALID', status: 401, reason })
      expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain(token.slice(0, 40))
    })
  }

  it('critical extensions', async () => {
    const token = await at.tokens.issue(await at.signIn())
    const [, claims, signature] = token.split('.')
    const header = { ...partsOf(token).header, crit: ['exp'], exp: 1 }
    const encoded = Buffer.from(JSON.stringify(header)).toString('base64url')
    const error = await rejection(at.tokens.verify(`${encoded}.${claims}.${signature}`))
    expect(error).toMatchObject({ reason: 'malformed' })
  })

  it('no token of a clock that differs by up to 5 seconds', async () => {
    const token = await at.tokens.issue(await at.signIn())
    const claims = { iat: seconds() + 5, nbf: seconds() + 5, exp: seconds() - 4 }
    await at.tokens.verify(await forge(at.key, token, { claims }))
  })

  it('a payload that is no object', async () => {
    const token = await at.tokens.issue(await at.signIn())
    const key = await importJWK({ ...at.key }, at.key.alg)
    for (const payload of ['null', '[]', '"text"', '{', '', '\uFEFF{}']) {
      const signed = await new CompactSign(new TextEncoder().encode(payload))
        .setProtectedHeader(partsOf(token).header as { alg: string })
        .sign(key)
      expect(await rejection(at.tokens.verify(signed)), payload).toMatchObject({
        reason: 'malformed',
      })
    }
  })
})

describe('options', () => {
  const given = { issuer: ISSUER, audience: AUDIENCE }
  const config = (options: unknown): string => {
    try {
      accessTokens(at.sessions, options as typeof given)
    } catch (error) {
      expect(error).toMatchObject({ code: 'ERR_CONFIG' })
      return (error as Error).message
    }
    return ''
  }

  it('are checked at once, and every mistake is named', () => {
    const message = config({ issuer: 'x', ttl: 0.5, keyz: [], clock: {}, random: 1, clientId: '' })
    for (const name of ['issuer', 'audience', 'ttl', 'keyz', 'clock', 'random', 'clientId']) {
      expect(message).toContain(name)
    }
    for (const options of [undefined, null, 'x', {}]) expect(config(options)).toContain('issuer is')
    expect(() => accessTokens(undefined as never, given)).toThrow('sessions must be')
    expect(config({ ...given, ttl: 3601 })).toContain('ttl')
    expect(config({ ...given, ttl: 3600, keys: undefined })).toBe('')
    for (const issuer of ['https://a?b', 'https://a#b', 'ftp://a', '', 1]) {
      expect(config({ ...given, issuer })).toContain('issuer')
    }
  })

  it('refuse keys that are none, and show nothing of them', async () => {
    const [ed, ec, rsa] = await Promise.all(
      (['EdDSA', 'ES256', 'RS256'] as const).map((alg) => generateTokenKey({ alg })),
    )
    const pub = (await at.tokens.jwks()).keys[0]
    const wrong: [unknown, string][] = [
      [[], 'one or more'],
      [{}, 'one or more'],
      [[null], 'kid'],
      [[{ ...ed, kid: undefined }], 'kid'],
      [[{ ...ed, kid: 'x'.repeat(257) }], 'kid'],
      [[{ ...ed, alg: undefined }], 'alg'],
      [[{ ...ed, alg: 'ES256' }], 'kty EC'],
      [[{ ...ec, alg: 'EdDSA' }], 'kty OKP'],
      [[{ ...ed, alg: 'HS256' }], 'alg'],
      [[{ ...ed, alg: 'toString' }], 'alg'],
      [[{ kty: 'oct', k: 'c2VjcmV0', alg: 'HS256', kid: 'a' }], 'alg'],
      [[{ kty: 'oct', k: 'c2VjcmV0', alg: 'EdDSA', kid: 'a' }], 'kty OKP'],
      [[{ ...rsa, n: rsa?.['n']?.toString().slice(0, -2) }], '2048'],
      [[{ ...rsa, n: '*' }], '2048'],
      [[{ ...ed, use: 'enc' }], 'use'],
      [[pub], 'no private key'],
      [[ed, { ...ec, kid: ed?.kid }], 'kid of their own'],
    ]
    for (const [keys, expected] of wrong) {
      const message = config({ ...given, keys })
      expect(message).toContain(expected)
      expect(message).not.toContain(String(ed?.['d']))
    }
    expect(config({ ...given, keys: [ed, ec, rsa] })).toBe('')
  })

  it('refuse, on first use, keys whose halves do not belong together', async () => {
    for (const alg of ['EdDSA', 'ES256', 'RS256'] as const) {
      const [one, two] = await Promise.all([generateTokenKey({ alg }), generateTokenKey({ alg })])
      const halves = { x: two['x'], y: two['y'], n: two['n'] }
      const keys = [{ ...one, ...JSON.parse(JSON.stringify(halves)) }] as TokenKey[]
      const tokens = accessTokens(at.sessions, { ...given, keys })
      const error = await rejection(tokens.issue(await at.signIn()))
      expect(error).toMatchObject({
        code: 'ERR_CONFIG',
        message: expect.stringContaining('keys[0]') as string,
      })
      expect(error.cause).toBeUndefined()
      expect(inspect(error)).not.toContain(String(one['d']))
      expect(await rejection(tokens.jwks())).toMatchObject({ code: 'ERR_CONFIG' })
    }
  })

  it('are not to be seen', () => {
    const shown = inspect(at.tokens, { showHidden: true, depth: 9 }) + JSON.stringify(at.tokens)
    expect(shown).not.toContain(String(at.key['d']))
  })
})

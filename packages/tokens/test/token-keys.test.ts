import { calculateJwkThumbprint } from 'jose'
import { describe, expect, it } from 'vitest'
import { accessTokens, generateTokenKey, type TokenAlgorithm } from '../src/index.ts'
import { AUDIENCE, ISSUER, partsOf, rejection, world } from './support/access-world.ts'

const given = { issuer: ISSUER, audience: AUDIENCE }

describe('generateTokenKey', () => {
  it('makes an Ed25519 key, named by its thumbprint', async () => {
    const key = await generateTokenKey()
    expect(key).toEqual({
      kty: 'OKP',
      crv: 'Ed25519',
      alg: 'EdDSA',
      kid: await calculateJwkThumbprint({ ...key }),
      x: expect.stringMatching(/^[\w-]{43}$/) as string,
      d: expect.stringMatching(/^[\w-]{43}$/) as string,
    })
    expect((await generateTokenKey({})).kid).not.toBe(key.kid)
  })

  it('makes keys for ES256, and for RS256 with 2048 bits', async () => {
    expect(await generateTokenKey({ alg: 'ES256' })).toMatchObject({ kty: 'EC', crv: 'P-256' })
    const { kty, n } = await generateTokenKey({ alg: 'RS256' })
    expect(kty).toBe('RSA')
    expect(Buffer.from(String(n), 'base64url').length * 8).toBe(2048)
  })

  it('refuses anything else', async () => {
    for (const options of [
      { alg: 'HS256' },
      { alg: 'toString' },
      { algorithm: 'ES256' },
      'ES256',
    ]) {
      const call = generateTokenKey(options as { alg: TokenAlgorithm })
      expect(await rejection(call)).toMatchObject({ code: 'ERR_CONFIG' })
    }
  })
})

describe('keys', () => {
  it('change without a token being refused, if a new one is published before it signs', async () => {
    const { sessions, clock, key: old, signIn } = await world()
    const next = await generateTokenKey({ alg: 'ES256' })
    const withKeys = (...keys: (typeof old)[]): ReturnType<typeof accessTokens> =>
      accessTokens(sessions, { ...given, clock, keys })
    const [before, publishing, signing, after] = [
      withKeys(old),
      withKeys(old, next),
      withKeys(next, old),
      withKeys(next),
    ]
    const session = await signIn()
    const oldToken = await publishing.issue(session)
    const newToken = await signing.issue(session)
    expect(partsOf(oldToken).header).toMatchObject({ alg: 'EdDSA', kid: old.kid })
    expect(partsOf(newToken).header).toMatchObject({ alg: 'ES256', kid: next.kid })
    for (const node of [publishing, signing]) {
      await node.verify(oldToken)
      await node.verify(newToken)
      expect((await node.jwks()).keys.map(({ kid }) => kid).toSorted()).toEqual(
        [old.kid, next.kid].toSorted(),
      )
    }
    await before.verify(oldToken)
    await after.verify(newToken)
    expect(await rejection(before.verify(newToken))).toMatchObject({ reason: 'algorithm' })
    expect(await rejection(after.verify(oldToken))).toMatchObject({ reason: 'algorithm' })
    const third = withKeys(await generateTokenKey())
    expect(await rejection(third.verify(oldToken))).toMatchObject({ reason: 'key' })
  })

  it('are each for one algorithm', async () => {
    const { sessions, clock, signIn } = await world()
    const [one, two] = [await generateTokenKey(), await generateTokenKey({ alg: 'ES256' })]
    const tokens = accessTokens(sessions, { ...given, clock, keys: [one, two] })
    const [, claims, signature] = (await tokens.issue(await signIn())).split('.')
    const header = JSON.stringify({ alg: 'EdDSA', typ: 'at+jwt', kid: two.kid })
    const token = `${Buffer.from(header).toString('base64url')}.${claims}.${signature}`
    expect(await rejection(tokens.verify(token))).toMatchObject({ reason: 'algorithm' })
  })

  it('are made for the process where none are given', async () => {
    const { sessions, clock, signIn } = await world()
    const [one, two] = [
      accessTokens(sessions, { ...given, clock }),
      accessTokens(sessions, { ...given, clock }),
    ]
    const token = await one.issue(await signIn())
    expect(partsOf(token).header).toMatchObject({ alg: 'EdDSA' })
    await one.verify(token)
    expect((await one.jwks()).keys).toEqual((await one.jwks()).keys)
    expect(await rejection(two.verify(token))).toMatchObject({ reason: 'key' })
  })

  it('cannot be changed after they were checked', async () => {
    const { sessions, clock, signIn, key } = await world()
    const keys = [{ ...key }]
    const tokens = accessTokens(sessions, { ...given, clock, keys })
    Object.assign(keys[0] ?? {}, { alg: 'none', kid: 'other' })
    keys.length = 0
    const token = await tokens.issue(await signIn())
    expect(partsOf(token).header).toMatchObject({ alg: 'EdDSA', kid: key.kid })
    const { keys: published } = await tokens.jwks()
    published.length = 0
    await tokens.verify(token)
    expect((await tokens.jwks()).keys).toHaveLength(1)
  })
})

describe('jwks', () => {
  const URL_OF_KEYS = 'https://app.example/.well-known/jwks.json'

  it('holds the public halves and nothing else', async () => {
    const { sessions } = await world()
    const keys = await Promise.all(
      (['EdDSA', 'ES256', 'RS256'] as const).map(async (alg) => ({
        ...(await generateTokenKey({ alg })),
        note: 'a secret note',
      })),
    )
    const set = await accessTokens(sessions, { ...given, keys }).jwks()
    const text = expect.any(String) as string
    expect(set.keys.map(({ kid }) => kid)).toEqual(keys.map(({ kid }) => kid))
    expect(set).toEqual({
      keys: [
        { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', kid: text, use: 'sig', x: text },
        { kty: 'EC', crv: 'P-256', alg: 'ES256', kid: text, use: 'sig', x: text, y: text },
        { kty: 'RSA', alg: 'RS256', kid: text, use: 'sig', n: text, e: text },
      ],
    })
  })

  it('answers GET, to be cached', async () => {
    const { tokens } = await world()
    const response = await tokens.jwks(new Request(URL_OF_KEYS))
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/jwk-set+json')
    expect(response.headers.get('cache-control')).toBe('public, max-age=300')
    expect(response.headers.get('etag')).toMatch(/^"[\w-]{43}"$/)
    expect(await response.json()).toEqual(await tokens.jwks())
  })

  it('answers HEAD without a body', async () => {
    const { tokens } = await world()
    const get = await tokens.jwks(new Request(URL_OF_KEYS))
    const head = await tokens.jwks(new Request(URL_OF_KEYS, { method: 'HEAD' }))
    expect([...head.headers]).toEqual([...get.headers])
    expect([head.status, await head.text()]).toEqual([200, ''])
  })

  it('answers 304 to who has it', async () => {
    const { tokens } = await world()
    const ask = (tag: string): Promise<Response> =>
      tokens.jwks(new Request(URL_OF_KEYS, { headers: { 'if-none-match': tag } }))
    const etag = (await ask('"other"')).headers.get('etag') ?? ''
    for (const tag of [etag, `W/${etag}`, `"a" , ${etag}`, '*']) {
      const response = await ask(tag)
      expect([response.status, response.headers.get('etag')]).toEqual([304, etag])
      expect(response.headers.get('cache-control')).toBe('public, max-age=300')
    }
    for (const tag of ['"other"', etag.slice(1, -1)]) expect((await ask(tag)).status).toBe(200)
    const { tokens: others } = await world()
    expect((await others.jwks(new Request(URL_OF_KEYS))).headers.get('etag')).not.toBe(etag)
  })

  it('answers 405 to other methods', async () => {
    const { tokens } = await world()
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const response = await tokens.jwks(new Request(URL_OF_KEYS, { method }))
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    }
  })
})

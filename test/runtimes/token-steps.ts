import { SessionError } from '@adjourn/core'
import {
  accessTokens,
  backchannelLogout,
  generateTokenKey,
  type AccessTokens,
  type TokenAlgorithm,
} from '@adjourn/tokens'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'
import type { Step, Steps, World } from './steps.ts'
import type { Browser } from './world.ts'

const ISSUER = 'https://app.example'
const AUDIENCE = 'https://api.example'
const PROVIDER = 'https://login.example'
const EVENT = 'http://schemas.openid.net/event/backchannel-logout'

const live = (alg: TokenAlgorithm): Step => ({
  async run({ browser, user, node, clock }) {
    const laptop = browser()
    await laptop.login(user('ann'))
    const keys = [await generateTokenKey({ alg })]
    const tokens = accessTokens(node.sessions, { issuer: ISSUER, audience: AUDIENCE, keys, clock })
    const token = await issue(tokens, laptop)
    const { claims } = await tokens.verify(token)
    const before = [claims.sub, claims.iss, claims.aud, claims['scope'], claims.exp - claims.iat]
    await laptop.ask((session) => session.end())
    return [header(token), before, await reasonOf(tokens.verify(token))]
  },
  expected: [
    { alg, typ: 'at+jwt' },
    ['ann', ISSUER, AUDIENCE, 'read', 300],
    'ERR_TOKEN_INVALID session',
  ],
})

/** Access tokens, and a provider that ends sessions. */
export const tokenSteps: Steps = {
  'a token signed with EdDSA ends with its session': live('EdDSA'),
  'a token signed with ES256 ends with its session': live('ES256'),
  'a token signed with RS256 ends with its session': live('RS256'),
  'a token is refused after its user was revoked': {
    async run({ browser, user, node, clock }) {
      const laptop = browser()
      await laptop.login(user('ann'))
      const tokens = accessTokens(node.sessions, { issuer: ISSUER, audience: AUDIENCE, clock })
      const token = await issue(tokens, laptop)
      await node.sessions.revokeAll(user('ann'))
      return reasonOf(tokens.verify(token))
    },
    expected: 'ERR_TOKEN_INVALID session',
  },
  'a token that has expired, was changed or is for somebody else is refused': {
    async run({ browser, user, node, clock }) {
      const laptop = browser()
      await laptop.login(user('ann'))
      const keys = [await generateTokenKey()]
      const tokens = accessTokens(node.sessions, {
        issuer: ISSUER,
        audience: AUDIENCE,
        keys,
        clock,
      })
      const others = accessTokens(node.sessions, {
        issuer: ISSUER,
        audience: 'others',
        keys,
        clock,
      })
      const token = await issue(tokens, laptop)
      const [head, body] = token.split('.')
      const [, , signature] = (await issue(tokens, laptop)).split('.')
      const changed = [head, body, signature].join('.')
      const refused = [tokens.verify(changed), others.verify(token), tokens.verify('nonsense')]
      const reasons = await Promise.all(refused.map(reasonOf))
      clock.advance(306)
      return [...reasons, await reasonOf(tokens.verify(token))]
    },
    expected: [
      'ERR_TOKEN_INVALID signature',
      'ERR_TOKEN_INVALID audience',
      'ERR_TOKEN_INVALID malformed',
      'ERR_TOKEN_INVALID expired',
    ],
  },
  'keys rotate: the first signs, all verify until they are dropped': {
    async run({ browser, user, node, clock }) {
      const laptop = browser()
      await laptop.login(user('ann'))
      const [older, newer] = [await generateTokenKey(), await generateTokenKey({ alg: 'ES256' })]
      const withKeys = (...keys: (typeof older)[]): AccessTokens =>
        accessTokens(node.sessions, { issuer: ISSUER, audience: AUDIENCE, keys, clock })
      const token = await issue(withKeys(older), laptop)
      const { session } = await withKeys(newer, older).verify(token)
      const { keys } = await withKeys(newer, older).jwks()
      const members = keys.map((key) => [key.alg, key.use, 'd' in key])
      return [session.userId, members, await reasonOf(withKeys(newer).verify(token))]
    },
    expected: [
      'ann',
      [
        ['ES256', 'sig', false],
        ['EdDSA', 'sig', false],
      ],
      'ERR_TOKEN_INVALID algorithm',
    ],
  },
  'the public keys are served with an ETag': {
    async run({ node, clock }) {
      const tokens = accessTokens(node.sessions, { issuer: ISSUER, audience: AUDIENCE, clock })
      const url = `${ISSUER}/.well-known/jwks.json`
      const first = await tokens.jwks(new Request(url))
      const etag = first.headers.get('etag') ?? ''
      const again = await tokens.jwks(new Request(url, { headers: { 'if-none-match': etag } }))
      return [first.status, first.headers.get('content-type'), again.status, await again.text()]
    },
    expected: [200, 'application/jwk-set+json', 304, ''],
  },
  'a logout token of the provider ends the session, once': {
    async run({ browser, user, node, clock }) {
      const { privateKey, jwk } = await providerKey()
      const [laptop, other] = [browser(), browser()]
      const federated = (sid: string) => ({
        federation: { issuer: PROVIDER, subject: 'there', sid },
      })
      await laptop.login(user('ann'), federated(user('s1')))
      await other.login(user('ann'), federated(user('s2')))
      const endpoint = backchannelLogout(node.sessions, {
        issuer: PROVIDER,
        clientId: 'app',
        jwks: { keys: [jwk] },
        clock,
      })
      const token = await logoutToken({ privateKey, clock, sid: user('s1') })
      const foreign = await logoutToken({ ...(await providerKey()), clock, sid: user('s2') })
      const statuses: number[] = []
      for (const each of [token, token, foreign]) statuses.push((await endpoint(post(each))).status)
      const seen = [await laptop.ask(), await other.ask()]
      return [statuses, seen.map(({ body }) => body)]
    },
    expected: [
      [200, 400, 400],
      ['nobody', 'ann'],
    ],
  },
}

async function issue(tokens: AccessTokens, browser: Browser): Promise<string> {
  const claims = { scope: 'read' }
  const { body } = await browser.copy().ask((session) => tokens.issue(session, { claims }))
  return String(body)
}

function header(token: string): unknown {
  const [head = ''] = token.split('.')
  const { alg, typ } = JSON.parse(atob(head.replaceAll('-', '+').replaceAll('_', '/'))) as {
    alg: string
    typ: string
  }
  return { alg, typ }
}

async function reasonOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return 'no error'
  } catch (error) {
    if (!(error instanceof SessionError)) return String(error)
    return `${error.code} ${String(Reflect.get(error, 'reason'))}`
  }
}

async function providerKey(): Promise<{ privateKey: CryptoKey; jwk: JWK }> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid: 'p1', alg: 'ES256' } }
}

async function logoutToken(about: {
  readonly privateKey: CryptoKey
  readonly clock: World['clock']
  readonly sid: string
}): Promise<string> {
  const now = Math.floor(about.clock.now() / 1000)
  return new SignJWT({ events: { [EVENT]: {} }, sid: about.sid })
    .setProtectedHeader({ alg: 'ES256', kid: 'p1', typ: 'logout+jwt' })
    .setIssuer(PROVIDER)
    .setAudience('app')
    .setIssuedAt(now)
    .setExpirationTime(now + 120)
    .setJti(`for ${about.sid}`)
    .sign(about.privateKey)
}

function post(token: string): Request {
  return new Request(`${ISSUER}/backchannel-logout`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ logout_token: token }).toString(),
  })
}

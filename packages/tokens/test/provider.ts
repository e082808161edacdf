import {
  SignJWT,
  exportJWK,
  generateKeyPair,
  type CryptoKey,
  type JSONWebKeySet,
  type JWTHeaderParameters,
} from 'jose'

export const ISSUER = 'https://provider.example'
export const CLIENT = 'our-client'
export const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'

/** A key pair of a provider. */
export interface ProviderKey {
  readonly kid: string
  readonly alg: string
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
}

export async function providerKey(kid: string, alg = 'ES256'): Promise<ProviderKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { kid, alg, privateKey, publicKey }
}

export async function keySet(...keys: readonly ProviderKey[]): Promise<JSONWebKeySet> {
  return {
    keys: await Promise.all(
      keys.map(async ({ kid, alg, publicKey }) => ({ ...(await exportJWK(publicKey)), kid, alg })),
    ),
  }
}

export type Claims = Record<string, unknown>

/** Signs claims; those that are undefined are left out. */
export function sign(key: ProviderKey, claims: Claims, header: Claims = {}): Promise<string> {
  const given = Object.fromEntries(
    Object.entries(claims).filter(([, value]) => value !== undefined),
  )
  const all = { alg: key.alg, kid: key.kid, ...header }
  const kept = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
  return new SignJWT(given).setProtectedHeader(kept as JWTHeaderParameters).sign(key.privateKey)
}

/** The claims of a logout token that has nothing wrong. */
export function logoutClaims(now: number, claims: Claims = {}): Claims {
  const iat = Math.floor(now / 1000)
  return {
    iss: ISSUER,
    aud: CLIENT,
    iat,
    exp: iat + 120,
    jti: crypto.randomUUID(),
    sub: 'ann-there',
    events: { [LOGOUT_EVENT]: {} },
    ...claims,
  }
}

/** The request of a provider with a logout token. */
export function logoutRequest(token: string, init: RequestInit = {}): Request {
  return new Request('https://app.example/backchannel-logout', {
    method: 'POST',
    body: new URLSearchParams({ logout_token: token }),
    ...init,
  })
}

import { SessionError } from '@adjourn/core'
import {
  base64url,
  calculateJwkThumbprint,
  CompactSign,
  compactVerify,
  exportJWK,
  generateKeyPair,
  importJWK,
  type CryptoKey,
} from 'jose'

/** How tokens can be signed. */
export type TokenAlgorithm = 'EdDSA' | 'ES256' | 'RS256'

/** A private key as a JWK: for `keys` of `accessTokens`, and for nobody else to see. */
export interface TokenKey {
  /** The type that belongs to `alg`: `OKP`, `EC` or `RSA`. */
  readonly kty: string
  /** The one algorithm that it is for. */
  readonly alg: TokenAlgorithm
  /** Names it in tokens and in the JWKS. */
  readonly kid: string
  /** The numbers of the key, as its type has them. */
  readonly [member: string]: unknown
}

/**
 * A public key as a JWK.
 *
 * @see RFC 7517, 4
 */
export interface TokenPublicKey {
  /** The type of key. */
  readonly kty: string
  /** The one algorithm that it is for. */
  readonly alg: string
  /** Names it in tokens. */
  readonly kid: string
  /** Always `sig`. */
  readonly use: string
  /** The numbers of the key, as its type has them. */
  readonly [member: string]: string
}

export interface UsableKey {
  readonly alg: TokenAlgorithm
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
  readonly jwk: TokenPublicKey
}

export interface KeyRing {
  readonly signing: UsableKey
  readonly byKid: ReadonlyMap<string, UsableKey>
}

interface Kind {
  readonly kty: string
  readonly crv?: string
  readonly publicMembers: readonly string[]
  readonly privateMembers: readonly string[]
}

const ALGORITHMS: Readonly<Record<TokenAlgorithm, Kind>> = {
  EdDSA: { kty: 'OKP', crv: 'Ed25519', publicMembers: ['x'], privateMembers: ['d'] },
  ES256: { kty: 'EC', crv: 'P-256', publicMembers: ['x', 'y'], privateMembers: ['d'] },
  RS256: {
    kty: 'RSA',
    publicMembers: ['n', 'e'],
    privateMembers: ['d', 'p', 'q', 'dp', 'dq', 'qi'],
  },
}

const MIN_RSA_BITS = 2048

const LONGEST_KID = 256

/**
 * Makes a private key for `keys` of `accessTokens`. Call it once, by hand or in a script, and keep
 * what it resolves to where your other secrets are.
 *
 * @param options The algorithm.
 * @param options.alg Default: `EdDSA` (Ed25519). `ES256` and `RS256` (2048 bits) are for verifiers
 * that know no other.
 * @returns The key; its `kid` is its thumbprint.
 * @throws SessionError `ERR_CONFIG` for an argument that is wrong.
 * @see RFC 7638 (the thumbprint), RFC 8725, 3.1 and 3.2
 * @example
 * ```ts
 * import { generateTokenKey } from '@adjourn/tokens'
 *
 * console.log(JSON.stringify(await generateTokenKey()))
 * ```
 */
export async function generateTokenKey(
  options: { readonly alg?: TokenAlgorithm } = {},
): Promise<TokenKey> {
  const { alg = 'EdDSA', ...unknown } = Object(options) as { readonly alg?: TokenAlgorithm }
  if (!Object.hasOwn(ALGORITHMS, alg) || Object.keys(unknown).length > 0) {
    throw new SessionError('ERR_CONFIG', 'generateTokenKey takes { alg }: EdDSA, ES256 or RS256.')
  }
  const { privateKey } = await generateKeyPair(alg, {
    extractable: true,
    modulusLength: MIN_RSA_BITS,
  })
  const jwk = await exportJWK(privateKey)
  const { kty, crv } = ALGORITHMS[alg]
  const kid = await calculateJwkThumbprint(jwk)
  return { ...membersOf(alg, jwk, 'private'), kty, ...(crv && { crv }), alg, kid }
}

/** Makes keys usable, and refuses what only cryptography can tell is no key. */
export async function openKeys(keys: readonly TokenKey[]): Promise<KeyRing> {
  const opened = await Promise.all(
    keys.map(async (key, at) => {
      try {
        return await open(key)
      } catch {
        // Without its cause, which may quote the key.
        throw new SessionError('ERR_CONFIG', `accessTokens: keys[${at}] must be a private key.`)
      }
    }),
  )
  const [signing] = opened
  if (signing === undefined) throw new SessionError('ERR_CONFIG', 'accessTokens: keys is empty.')
  return { signing, byKid: new Map(opened.map((key) => [key.kid, key])) }
}

async function open({ kty, alg, kid, ...members }: TokenKey): Promise<UsableKey> {
  const crv = ALGORITHMS[alg].crv
  const base = { kty, ...(crv && { crv }), alg }
  const publicJwk = { ...base, ...membersOf(alg, members, 'public') }
  const privateJwk = { ...base, ...membersOf(alg, members, 'private') }
  const [privateKey, publicKey] = await Promise.all([
    importJWK(privateJwk, alg, { extractable: false }) as Promise<CryptoKey>,
    importJWK(publicJwk, alg) as Promise<CryptoKey>,
  ])
  await assertPair(alg, privateKey, publicKey)
  return { alg, kid, privateKey, publicKey, jwk: { ...publicJwk, kid, use: 'sig' } }
}

/** Halves of two RSA keys can be imported as one, and nobody could verify what it signs. */
async function assertPair(
  alg: TokenAlgorithm,
  privateKey: CryptoKey,
  publicKey: CryptoKey,
): Promise<void> {
  const signed = await new CompactSign(new Uint8Array())
    .setProtectedHeader({ alg })
    .sign(privateKey)
  await compactVerify(signed, publicKey)
}

/** What belongs to the key, and nothing else that stands beside it. */
function membersOf(
  alg: TokenAlgorithm,
  jwk: Readonly<Record<string, unknown>>,
  half: 'public' | 'private',
): Record<string, string> {
  const { publicMembers, privateMembers } = ALGORITHMS[alg]
  const names = half === 'public' ? publicMembers : [...publicMembers, ...privateMembers]
  return Object.fromEntries(names.map((name) => [name, jwk[name] as string]))
}

/** Every mistake in `keys` that can be seen without cryptography; nothing of a key is ever shown. */
export function keyMistakes(keys: unknown): string[] {
  if (keys === undefined) return []
  if (!Array.isArray(keys) || keys.length === 0) {
    return ['keys must be a list of one or more private keys']
  }
  const kids = keys.map((key) => (Object(key) as Partial<TokenKey>).kid)
  return [
    ...keys.flatMap((key, at) => mistakesOf(key).map((mistake) => `keys[${at}] ${mistake}`)),
    ...(new Set(kids).size < kids.length ? ['keys must each have a kid of their own'] : []),
  ]
}

function mistakesOf(key: unknown): string[] {
  const jwk = Object(key) as Record<string, unknown>
  const { alg, kid, use } = jwk
  const mistakes: string[] = []
  if (typeof kid !== 'string' || kid === '' || kid.length > LONGEST_KID) {
    mistakes.push(`must have a kid of 1 to ${LONGEST_KID} characters`)
  }
  if (use !== undefined && use !== 'sig') mistakes.push('must not be for another use than sig')
  if (typeof alg !== 'string' || !Object.hasOwn(ALGORITHMS, alg)) {
    return [...mistakes, 'must have an alg: EdDSA, ES256 or RS256']
  }
  return [...mistakes, ...memberMistakes(alg as TokenAlgorithm, jwk)]
}

function memberMistakes(alg: TokenAlgorithm, jwk: Readonly<Record<string, unknown>>): string[] {
  const { kty, crv, publicMembers, privateMembers } = ALGORITHMS[alg]
  if (jwk['kty'] !== kty || jwk['crv'] !== crv) {
    return [
      `must have kty ${kty}${crv === undefined ? '' : ` and crv ${crv}`}, as its alg is ${alg}`,
    ]
  }
  const missing = [...publicMembers, ...privateMembers].filter(
    (name) => typeof jwk[name] !== 'string',
  )
  if (missing.length > 0) return [`lacks ${missing.join(', ')}, so it is no private key`]
  if (kty === 'RSA' && bitsOf(String(jwk['n'])) < MIN_RSA_BITS) {
    return [`must have ${MIN_RSA_BITS} bits or more`]
  }
  return []
}

function bitsOf(encoded: string): number {
  try {
    const bytes = base64url.decode(encoded)
    const first = bytes.findIndex((byte) => byte !== 0)
    return first < 0 ? 0 : (bytes.length - first) * 8 - Math.clz32(bytes[first] ?? 0) + 24
  } catch {
    return 0
  }
}

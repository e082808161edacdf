import { base64url, CompactSign, compactVerify } from 'jose'
import { invalid } from './token-error.ts'
import type { KeyRing, UsableKey } from './token-keys.ts'

/** The most characters of a token: what servers take for all headers together is about twice that. */
export const MAX_TOKEN_LENGTH = 8192

const TYPE = 'at+jwt'
const HEADER = new Set(['alg', 'typ', 'kid'])

// Made once: it costs as much as what it decodes.
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const COMPACT = /^([\w-]+)\.[\w-]+\.([\w-]+)$/

export function sign({ alg, kid, privateKey }: UsableKey, claims: object): Promise<string> {
  return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg, typ: TYPE, kid })
    .sign(privateKey)
}

/**
 * The payload, which is whatever was signed.
 *
 * @throws SessionError `ERR_TOKEN_INVALID`
 * @see RFC 8725, 3.1, 3.5 and 3.11
 */
export async function openToken({ byKid }: KeyRing, token: unknown): Promise<object> {
  if (typeof token !== 'string' || token.length > MAX_TOKEN_LENGTH) throw invalid('malformed')
  const [, header, signature] = COMPACT.exec(token) ?? []
  if (header === undefined || signature === undefined) throw invalid('malformed')
  const key = findKey(byKid, header)
  // The bits that base64url has left over are not signed: one token would have many forms.
  if (!isCanonical(signature)) throw invalid('signature')
  const payload = await verified(token, key)
  const claims = parseObject(payload)
  if (claims === undefined) throw invalid('malformed')
  return claims
}

function findKey(byKid: KeyRing['byKid'], encoded: string): UsableKey {
  const header = parseObject(decoded(encoded))
  // A header of ours has three parameters. What else there is tells verifiers where to find a key,
  // or how to read the token, and that is not for a token to say.
  if (header === undefined || !Object.keys(header).every((name) => HEADER.has(name))) {
    throw invalid('malformed')
  }
  const { alg, typ, kid } = header
  if (![...byKid.values()].some((key) => key.alg === alg)) throw invalid('algorithm')
  if (typ !== TYPE) throw invalid('type')
  const key = typeof kid === 'string' ? byKid.get(kid) : undefined
  if (key === undefined) throw invalid('key')
  if (key.alg !== alg) throw invalid('algorithm')
  return key
}

async function verified(token: string, { alg, publicKey }: UsableKey): Promise<Uint8Array> {
  try {
    return (await compactVerify(token, publicKey, { algorithms: [alg] })).payload
  } catch {
    throw invalid('signature')
  }
}

function isCanonical(encoded: string): boolean {
  const bytes = decoded(encoded)
  return bytes !== undefined && base64url.encode(bytes) === encoded
}

function decoded(encoded: string): Uint8Array | undefined {
  try {
    return base64url.decode(encoded)
  } catch {
    return undefined
  }
}

function parseObject(bytes: Uint8Array | undefined): Record<string, unknown> | undefined {
  if (bytes === undefined) return undefined
  try {
    const value: unknown = JSON.parse(UTF8.decode(bytes))
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return value as Record<string, unknown>
  } catch {
    return undefined
  }
}

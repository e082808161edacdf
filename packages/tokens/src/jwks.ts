import { base64url } from 'jose'
import type { TokenPublicKey } from './token-keys.ts'

/**
 * A set of public keys.
 *
 * @see RFC 7517, 5
 */
export interface TokenKeySet {
  /** One for each private key, in the same order. */
  keys: TokenPublicKey[]
}

/** Seconds for which verifiers may keep the set, and so the time between publishing and signing. */
const MAX_AGE = 300

/** @see RFC 7517, 8.5.2 and RFC 9110, 13.1.2 */
export async function answerJwks(request: Request, set: TokenKeySet): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return new Response(null, { status: 405, headers: { allow: 'GET, HEAD' } })
  }
  const body = JSON.stringify(set)
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(body))
  const etag = `"${base64url.encode(new Uint8Array(digest))}"`
  const headers = { 'cache-control': `public, max-age=${MAX_AGE}`, etag }
  if (matches(request.headers.get('if-none-match'), etag)) {
    return new Response(null, { status: 304, headers })
  }
  return new Response(request.method === 'HEAD' ? null : body, {
    headers: { ...headers, 'content-type': 'application/jwk-set+json' },
  })
}

function matches(given: string | null, etag: string): boolean {
  const tags = new Set((given ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, '')))
  return tags.has(etag) || tags.has('*')
}

/**
 * Access tokens for Hono.
 *
 * @module @adjourn/tokens/hono
 */
import type { MiddlewareHandler } from 'hono'
import type { AccessTokens, VerifiedToken } from './access-tokens.ts'
import { readBearer } from './bearer.ts'

/**
 * The variable that the middleware sets. Inferred through chained `.use()`; elsewhere
 * `new Hono<TokenEnv>()`.
 */
export interface TokenEnv {
  /** As `c.var` has them. */
  Variables: {
    /** The token that let the request pass, and its session. */
    token: VerifiedToken
  }
}

/**
 * Lets a request pass if it has a good access token in its `Authorization` header, as `c.var.token`.
 * Chain it before the routes of an API. Others are answered with 401 (no token, or one that is not
 * good) or 400 (a header that cannot be read, or two of them) and a `WWW-Authenticate` header. If the
 * store fails, it throws the `SessionError` `ERR_STORE_UNAVAILABLE`, which Hono answers with 503
 * unless the app's `onError` decides otherwise.
 *
 * @param tokens What `accessTokens` returned.
 * @see RFC 6750, 3
 * @example
 * ```ts
 * import { accessTokens } from '@adjourn/tokens'
 * import { requireToken } from '@adjourn/tokens/hono'
 * import { Hono } from 'hono'
 *
 * const tokens = accessTokens(sessions, { issuer: 'https://app.example', audience: 'https://api.example' })
 * const api = new Hono().use(requireToken(tokens)).get('/me', (c) => c.json(c.var.token.claims.sub))
 * ```
 */
export function requireToken(tokens: Pick<AccessTokens, 'verify'>): MiddlewareHandler<TokenEnv> {
  return async function adjournToken(c, next) {
    const { token, refusal } = await readBearer(tokens, c.req.header('authorization'))
    if (refusal !== undefined) return c.body(null, refusal.status, { ...refusal.headers })
    c.set('token', token)
    return next()
  }
}

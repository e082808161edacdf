/**
 * Access tokens for Express 5 and 4.
 *
 * @module @adjourn/tokens/express
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { SessionError } from '@adjourn/core'
import type { AccessTokens, VerifiedToken } from './access-tokens.ts'
import { readBearer } from './bearer.ts'

/**
 * A middleware that `app.use` takes, in either version of Express.
 *
 * @param request Brings the token in its `Authorization` header.
 * @param response Answered where there is no good token.
 * @param next Called where there is one, or with what failed.
 */
export type TokenMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void

const verified = new WeakMap<object, VerifiedToken>()

/**
 * Lets a request pass if it has a good access token in its `Authorization` header; handlers then find
 * it with `tokenOf(req)`. Mount it before the routes of an API. Others are answered with 401 (no
 * token, or one that is not good) or 400 (a header that cannot be read, or two of them) and a
 * `WWW-Authenticate` header. If the store fails, the request goes to the error handlers with
 * `ERR_STORE_UNAVAILABLE`, status 503.
 *
 * @param tokens What `accessTokens` returned.
 * @see RFC 6750, 3
 * @example
 * ```ts
 * import { accessTokens } from '@adjourn/tokens'
 * import { requireToken, tokenOf } from '@adjourn/tokens/express'
 *
 * const tokens = accessTokens(sessions, { issuer: 'https://app.example', audience: 'https://api.example' })
 * app.use('/api', requireToken(tokens))
 * app.get('/api/me', (req, res) => res.json(tokenOf(req).claims.sub))
 * ```
 */
export function requireToken(tokens: Pick<AccessTokens, 'verify'>): TokenMiddleware {
  return function adjournToken(request, response, next) {
    // request.headers keeps the first of several without a word.
    const { headers, headersDistinct } = request as Partial<IncomingMessage>
    // A request that no socket brought has the one and not the other.
    const header = headersDistinct?.['authorization']?.join(', ') ?? headers?.authorization
    readBearer(tokens, header).then(({ token, refusal }) => {
      // Somebody may have answered while the store was slow.
      if (response.headersSent) return
      if (refusal === undefined) {
        verified.set(request, token)
        next()
      } else {
        response.writeHead(refusal.status, refusal.headers).end()
      }
    }, next)
  }
}

/**
 * The token of a request, and the session it belongs to. Where several middlewares let it pass, the
 * last one's.
 *
 * @param request One that `requireToken` let pass.
 * @throws SessionError `ERR_CONFIG` if the middleware did not run before.
 */
export function tokenOf(request: object): VerifiedToken {
  const token = verified.get(request)
  if (token === undefined) {
    throw new SessionError(
      'ERR_CONFIG',
      'No token: mount app.use(requireToken(tokens)) before the routes',
    )
  }
  return token
}

/**
 * Adjourn for Express 5 and 4.
 *
 * @module @adjourn/express
 */
import type { Data, Session, Sessions } from '@adjourn/core'
import { requireSession } from '@adjourn/core/binding'
import { createMiddleware, type SessionMiddleware } from '@adjourn/node/middleware'

export type { SessionMiddleware } from '@adjourn/node/middleware'

/**
 * Loads the session of each request into `req.session`. Mount it before the routes. If the store
 * fails, the request goes to the error handlers with `ERR_STORE_UNAVAILABLE`, status 503.
 *
 * @param sessions What `createSessions` returned.
 * @example
 * ```ts
 * import { session, sessionOf } from '@adjourn/express'
 *
 * app.use(session(sessions))
 * app.post('/logout', async (req, res) => {
 *   await sessionOf(req).end()
 *   res.redirect('/')
 * })
 * ```
 */
export function session<D extends object>(sessions: Sessions<D>): SessionMiddleware {
  return createMiddleware(sessions, { give, isLate })
}

function give(request: object, current: Session<object>): void {
  Object.assign(request, { session: current })
}

/** Express notes the route that a request has matched; one may have the middleware for itself. */
function isLate(request: object, middleware: SessionMiddleware): boolean {
  const { route } = request as { route?: { stack?: { handle: unknown }[] } | null }
  return route?.stack?.every(({ handle }) => handle !== middleware) === true
}

/**
 * The session of a request, typed. Works beside express-session's types, and with several
 * `Sessions` in one app.
 *
 * @param sessions Whose session; its type says what `data` holds. Default: the one mounted last.
 * @param request One that the middleware has seen.
 * @throws SessionError `ERR_CONFIG` if the middleware did not run before.
 * @example
 * ```ts
 * import { createSessions } from '@adjourn/core'
 * import { session, sessionOf } from '@adjourn/express'
 *
 * const shop = createSessions<{ cart: string[] }>({ secrets, store })
 *
 * app.use(session(shop))
 * app.get('/cart', (req, res) => {
 *   res.json(sessionOf(req, shop).data.cart ?? [])
 * })
 * ```
 */
export function sessionOf<D extends object = Data>(
  request: object,
  sessions?: Sessions<D>,
): Session<D> {
  return requireSession(request, sessions, 'mount app.use(session(sessions)) before the routes')
}

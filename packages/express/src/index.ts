/**
 * Adjourn for Express 5 and 4.
 *
 * @module @adjourn/express
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { SessionError, type Data, type Session, type Sessions } from '@adjourn/core'
import {
  developmentChecks,
  keepSession,
  keptSession,
  loadSession,
  warnOfMountingTwice,
} from '@adjourn/core/binding'
import { createTransport } from './transport.ts'

/**
 * A middleware that `app.use` takes, in either version of Express.
 *
 * @param request Gets a `session`.
 * @param response Gets the cookie, when its headers leave.
 * @param next Called once the session is there, or with what failed.
 */
export type SessionMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void

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
  return function adjourn(request, response, next) {
    const known = keptSession(request, sessions)
    if (known !== undefined) {
      warnOfMountingTwice(known)
      put(request, sessions, known)
      return next()
    }
    const isLate = response.headersSent || hasMatchedBefore(request, adjourn)
    const transport = createTransport(request, response)
    const loading = loadSession(sessions, transport)
    if ('then' in loading) loading.then(go, next)
    else go(loading)

    function go(current: Session<D>): void {
      try {
        put(request, sessions, current)
      } catch (error) {
        // Somebody has made req.session read-only.
        return next(error)
      }
      const checks = developmentChecks(current, { sessions, request, isLate })
      if (checks !== undefined) {
        transport.whenLeaving(checks.leaving)
        response.once('close', () => {
          // A client that has left early leaves a handler behind that may be about to save.
          if (response.headersSent) checks.done()
        })
      }
      return next()
    }
  }
}

/** Express notes the route that a request has matched; one may have the middleware for itself. */
function hasMatchedBefore(request: object, middleware: SessionMiddleware): boolean {
  const { route } = request as { route?: { stack?: { handle: unknown }[] } | null }
  return route?.stack?.every(({ handle }) => handle !== middleware) === true
}

function put(request: object, sessions: object, current: Session<object>): void {
  keepSession(request, sessions, current)
  Object.assign(request, { session: current })
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
  const current = keptSession<D>(request, sessions)
  if (current === undefined) {
    throw new SessionError(
      'ERR_CONFIG',
      'No session: mount app.use(session(sessions)) before the routes',
    )
  }
  return current
}

/**
 * Adjourn for Express 5 and 4.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { SessionError, type Data, type Session, type Sessions } from '@adjourn/core'
import { keepSession, keptSession, loadSession, unsavedWarning } from '@adjourn/core/binding'
import { createTransport } from './transport.ts'

/** A middleware that `app.use` takes, in either version of Express. */
export type SessionMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void

/**
 * Loads the session of each request into `req.session`. Mount it before the routes. If the store
 * fails, the request goes to the error handlers with `ERR_STORE_UNAVAILABLE`, status 503.
 *
 * @example
 * ```ts
 * app.use(session(sessions))
 * app.post('/logout', async (req, res) => {
 *   await req.session.end()
 *   res.redirect('/')
 * })
 * ```
 */
export function session<D extends object>(sessions: Sessions<D>): SessionMiddleware {
  return function adjourn(request, response, next) {
    const known = keptSession(request, sessions)
    if (known !== undefined) {
      put(request, sessions, known)
      return next()
    }
    const loading = loadSession(sessions, createTransport(request, response))
    if ('then' in loading) loading.then(go, next)
    else go(loading)

    function go(current: Session<D>): void {
      try {
        put(request, sessions, current)
      } catch (error) {
        // Somebody has made req.session read-only.
        return next(error)
      }
      const done = unsavedWarning(sessions, current)
      if (done !== undefined) response.once('close', done)
      return next()
    }
  }
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
 * @throws SessionError `ERR_CONFIG` if the middleware did not run before.
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

/**
 * The middleware that every binding to Node's own request and response stands on, for those of
 * frameworks that have something to add to it.
 *
 * @module @adjourn/node/middleware
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Session, Sessions } from '@adjourn/core'
import {
  developmentChecks,
  keepSession,
  keptSession,
  loadSession,
  warnOfMountingTwice,
} from '@adjourn/core/binding'
import { createTransport } from './transport.ts'

/**
 * A middleware as Connect has them, which Express, Fastify's hooks and others take.
 *
 * @param request Gets a session, see `sessionOf`.
 * @param response Gets the cookie, when its headers leave.
 * @param next Called once the session is there, or with what failed.
 */
export type SessionMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void

/** What a framework adds. */
export interface Framework {
  /**
   * Gives handlers the session by a way of the framework's own, beside `sessionOf`. What it throws
   * goes to `next`.
   *
   * @param request Of the framework.
   * @param session What `sessionOf` finds.
   */
  give?(request: object, session: Session<object>): void
  /**
   * Whether a route of the app has come before the middleware, which is then a mistake.
   *
   * @param request Of the framework.
   * @param middleware The one that is running.
   */
  isLate?(request: object, middleware: SessionMiddleware): boolean
}

/**
 * Loads the session of each request. If the store fails, `next` gets a `SessionError` with the code
 * `ERR_STORE_UNAVAILABLE`.
 *
 * @param sessions What `createSessions` returned.
 * @param framework What is special about the one it is for. Default: nothing.
 */
export function createMiddleware<D extends object>(
  sessions: Sessions<D>,
  framework: Framework = {},
): SessionMiddleware {
  return function adjourn(request, response, next) {
    const known = keptSession<D>(request, sessions)
    if (known !== undefined) {
      warnOfMountingTwice(known)
      put(known)
      return next()
    }
    const isLate = response.headersSent || framework.isLate?.(request, adjourn) === true
    const transport = createTransport(request, response)
    const loading = loadSession(sessions, transport)
    if ('then' in loading) loading.then(go, next)
    else go(loading)

    function put(current: Session<D>): void {
      keepSession(request, sessions, current)
      framework.give?.(request, current)
    }

    function go(current: Session<D>): void {
      try {
        put(current)
      } catch (error) {
        // Somebody has made the request read-only.
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

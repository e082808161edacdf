/**
 * Adjourn for Node's own `http`, and for every framework that hands on its request and response.
 *
 * @module @adjourn/node
 */
import type { Sessions } from '@adjourn/core'
import { createMiddleware, type SessionMiddleware } from './middleware.ts'

export type { SessionMiddleware } from './middleware.ts'
export { sessionOf } from './session-of.ts'
export { withSession } from './with-session.ts'
export type { HandlerOptions, SessionHandler } from './with-session.ts'

/**
 * A middleware as Connect has them: loads the session of each request, for `sessionOf` to find, and
 * puts the cookie on the response. Fits hooks of frameworks that give away Node's request and response.
 *
 * @param sessions What `createSessions` returned.
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import { session, sessionOf } from '@adjourn/node'
 *
 * const load = session(sessions)
 *
 * createServer((request, response) => {
 *   load(request, response, (error) => {
 *     response.statusCode = error === undefined ? 200 : 503
 *     response.end(error === undefined ? sessionOf(request).userId : 'try again')
 *   })
 * })
 * ```
 */
export function session<D extends object>(sessions: Sessions<D>): SessionMiddleware {
  return createMiddleware(sessions)
}

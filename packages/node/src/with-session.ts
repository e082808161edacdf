import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Session, Sessions } from '@adjourn/core'
import { checkHandlerOptions, warnOfUnseenError } from '@adjourn/core/binding'
import { answerError } from './answer-error.ts'
import { createMiddleware } from './middleware.ts'
import { sessionOf } from './session-of.ts'

/**
 * A request listener that gets a session, too. May be async.
 *
 * @param request Of `node:http`.
 * @param response Of `node:http`.
 * @param session The session of the request, signed in or not.
 */
export type SessionHandler<D extends object = Record<string, unknown>> = (
  request: IncomingMessage,
  response: ServerResponse,
  session: Session<D>,
) => unknown

/** The options of `withSession`. */
export interface HandlerOptions {
  /**
   * Has to answer when the session cannot be loaded or the handler fails. The headers that the handler
   * had set are gone; the session's cookie goes with the answer. If the headers have left already
   * (`response.headersSent`), nothing can be answered: the connection is closed before it is told.
   * Default: a `SessionError` is answered with its status, everything else with 500, and nobody sees
   * it.
   *
   * @param error What failed.
   * @param request The request.
   * @param response To be answered.
   */
  onError?(error: unknown, request: IncomingMessage, response: ServerResponse): unknown
}

/**
 * Gives a handler the session of each request. Whatever fails is answered: where the headers have left
 * already, the connection is closed, so that half a body does not look whole.
 *
 * @param sessions What `createSessions` returned.
 * @param handler Answers the request.
 * @param options See there.
 * @throws SessionError `ERR_CONFIG` if an option is wrong.
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import { withSession } from '@adjourn/node'
 *
 * const server = createServer(
 *   withSession(sessions, async (request, response, session) => {
 *     if (request.method === 'POST' && request.url === '/logout') {
 *       await session.end()
 *       response.writeHead(303, { location: '/' }).end()
 *     } else {
 *       response.end(session.userId ?? 'nobody')
 *     }
 *   }),
 * )
 * ```
 */
export function withSession<D extends object>(
  sessions: Sessions<D>,
  handler: SessionHandler<D>,
  options: HandlerOptions = {},
): RequestListener {
  const given = checkHandlerOptions(options, ['onError'])
  const middleware = createMiddleware(sessions)

  function load(request: IncomingMessage, response: ServerResponse): Promise<void> {
    return new Promise((resolve, reject) => {
      middleware(request, response, (error) => {
        if (error === undefined) resolve()
        else reject(error)
      })
    })
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await load(request, response)
      await handler(request, response, sessionOf(request, sessions))
    } catch (error) {
      if (given.onError === undefined) warnOfUnseenError(request, sessions)
      await answerError(
        error,
        response,
        given.onError && (() => given.onError?.(error, request, response)),
      )
    }
  }

  return (request, response) => void handle(request, response)
}

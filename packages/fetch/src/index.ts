/**
 * Adjourn for whatever takes a `Request` and answers with a `Response`: route handlers of Next.js,
 * SvelteKit, React Router, `Bun.serve`, `Deno.serve`, Workers.
 *
 * @module @adjourn/fetch
 */
import type { Data, Session, Sessions } from '@adjourn/core'
import {
  checkHandlerOptions,
  developmentChecks,
  keepSession,
  keptSession,
  loadSession,
  requireSession,
  warnOfMountingTwice,
} from '@adjourn/core/binding'
import { answering } from './answering.ts'
import { RequestTransport } from './transport.ts'

/**
 * A handler that gets a session, too.
 *
 * @param request As it came.
 * @param session The session of the request, signed in or not.
 * @param rest What the framework passes after the request, such as Next's `context`.
 */
export type SessionHandler<
  D extends object = Data,
  Rest extends readonly unknown[] = [],
  R extends Request = Request,
> = (request: R, session: Session<D>, ...rest: Rest) => Response | Promise<Response>

/** The options of `withSession`. */
export interface HandlerOptions<Rest extends readonly unknown[] = [], R extends Request = Request> {
  /**
   * Answers when the session cannot be loaded or the handler throws something else than a `Response`.
   * The session's cookie goes with the answer.
   * Default: a `SessionError` is answered with its status. Everything else is thrown on to the
   * framework; where a cookie waits to be sent, it is answered with 500, and nobody sees it.
   *
   * @param error What was thrown.
   * @param request As the handler got it.
   * @param rest As the handler got it.
   */
  onError?: (error: unknown, request: R, ...rest: Rest) => Response | Promise<Response>
  /**
   * Keeps work of the request alive when its response has left, on a runtime that would drop it: hand
   * it to `ctx.waitUntil` on Workers, or the idle timeout is not moved there.
   * Default: the runtime drops nothing.
   *
   * @param work Never rejects.
   * @param request As the handler got it.
   * @param rest As the handler got it.
   */
  waitUntil?: (work: Promise<void>, request: R, ...rest: Rest) => void
}

/**
 * Gives a handler the session of each request, and puts its cookie on the answer, whatever that is. A
 * `Response` that the handler throws is its answer.
 *
 * @param sessions What `createSessions` returned.
 * @param handler Answers the request.
 * @param options See there.
 * @returns What the framework calls, with the request first.
 * @throws SessionError `ERR_CONFIG` if an option is wrong.
 * @example
 * ```ts
 * import { withSession } from '@adjourn/fetch'
 *
 * export const POST = withSession(sessions, async (request, session) => {
 *   await session.end()
 *   return Response.redirect(new URL('/', request.url), 303)
 * })
 * ```
 */
export function withSession<
  D extends object,
  Rest extends readonly unknown[] = [],
  R extends Request = Request,
>(
  sessions: Sessions<D>,
  handler: SessionHandler<D, Rest, R>,
  options: HandlerOptions<Rest, R> = {},
): (request: R, ...rest: Rest) => Promise<Response> {
  const { onError, waitUntil } = checkHandlerOptions(options, ['onError', 'waitUntil'])
  return async (request, ...rest) => {
    const recover = onError && ((error: unknown) => onError(error, request, ...rest))
    const known = keptSession<D>(request, sessions)
    if (known !== undefined) {
      warnOfMountingTwice(known)
      // The outer one puts the headers on.
      return answering(() => handler(request, known, ...rest), recover)
    }
    const transport = new RequestTransport(request, {
      sessions,
      waitUntil: waitUntil && ((work) => waitUntil(work, request, ...rest)),
    })
    return transport.answer(() => answering(load, recover))

    async function load(): Promise<Response> {
      const session = await loadSession(sessions, transport)
      keepSession(request, sessions, session)
      transport.checks = developmentChecks(session, { sessions, request, isLate: false })
      return handler(request, session, ...rest)
    }
  }
}

/**
 * The session of a request, for code that has the request alone.
 *
 * @param request One that `withSession` has passed on: the same object.
 * @param sessions Whose session; its type says what `data` holds. Default: the one mounted last.
 * @throws SessionError `ERR_CONFIG` if `withSession` has not seen it.
 * @example
 * ```ts
 * import { sessionOf } from '@adjourn/fetch'
 *
 * const isSignedIn = (request: Request) => sessionOf(request).userId !== undefined
 * ```
 */
export function sessionOf<D extends object = Data>(
  request: object,
  sessions?: Sessions<D>,
): Session<D> {
  return requireSession(request, sessions, 'the request has to come through withSession first')
}

import type { Data, Session, Sessions } from '@adjourn/core'
import { requireSession } from '@adjourn/core/binding'

/**
 * The session of a request, for code that has the request alone.
 *
 * @param request One that the middleware, or `withSession`, has seen.
 * @param sessions Whose session; its type says what `data` holds. Default: the one mounted last.
 * @throws SessionError `ERR_CONFIG` if neither has seen it.
 * @example
 * ```ts
 * import type { IncomingMessage } from 'node:http'
 * import { sessionOf } from '@adjourn/node'
 *
 * const isSignedIn = (request: IncomingMessage) => sessionOf(request).userId !== undefined
 * ```
 */
export function sessionOf<D extends object = Data>(
  request: object,
  sessions?: Sessions<D>,
): Session<D> {
  return requireSession(
    request,
    sessions,
    'have session(sessions), or withSession, see the request first',
  )
}

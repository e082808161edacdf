/**
 * Adjourn for Hono.
 *
 * @module
 */
import { SessionError, type Data, type Session, type Sessions } from '@adjourn/core'
import { applyHeaders, unsavedWarning } from '@adjourn/core/binding'
import type { QueuedHeaders } from '@adjourn/core/binding'
import type { Context, MiddlewareHandler } from 'hono'

/**
 * The variables that the middleware sets. Inferred through chained `.use()`; elsewhere
 * `new Hono<Env<AppData>>()`.
 */
export interface Env<D extends object = Record<string, unknown>> {
  Variables: { session: Session<D> }
}

// Mounted twice, a request still has one session. Not by c.var.session: there may be two Sessions.
const loaded = new WeakMap<Context, Map<object, Session<object>>>()

/**
 * Loads the session of each request into `c.var.session`. Chain it before the routes. If the store
 * fails, it throws the `SessionError` `ERR_STORE_UNAVAILABLE`, which Hono answers with 503 unless
 * the app's `onError` decides otherwise.
 *
 * @example
 * ```ts
 * const app = new Hono().use(session(sessions)).post('/logout', async (c) => {
 *   await c.var.session.end()
 *   return c.redirect('/')
 * })
 * ```
 */
export function session<D extends object>(sessions: Sessions<D>): MiddlewareHandler<Env<D>> {
  return async function adjourn(c, next) {
    const found = loaded.get(c) ?? new Map<object, Session<object>>()
    const known = found.get(sessions)
    if (known !== undefined) {
      c.set('session', known as Session<D>)
      return next()
    }
    let queued: QueuedHeaders | undefined
    let sent = false
    const current = await sessions.load({
      header: (name) => c.req.header(name),
      headersSent: () => sent,
      queue: (headers) => {
        queued = headers
      },
    })
    loaded.set(c, found.set(sessions, current))
    c.set('session', current)
    try {
      await next()
    } catch (thrown) {
      // Hono answers errors inside next(); anything else that is thrown escapes it, and the
      // response with it.
      throw thrown instanceof Error ? thrown : new Error('Not an Error', { cause: thrown })
    } finally {
      // From here on the response is out of our hands: a stream's callback runs later.
      sent = true
      if (queued !== undefined) put(queued, c)
      unsavedWarning(sessions, current)?.()
    }
  }
}

/**
 * The session of a request, of one among several `Sessions` in an app; with one,
 * `c.var.session` is it.
 *
 * @throws SessionError `ERR_CONFIG` if the middleware of these `Sessions` did not run before.
 */
export function sessionOf<D extends object = Data>(c: Context, sessions: Sessions<D>): Session<D> {
  const current = loaded.get(c)?.get(sessions)
  if (current === undefined) {
    throw new SessionError(
      'ERR_CONFIG',
      'No session: chain .use(session(sessions)) before the routes',
    )
  }
  return current
}

/**
 * On a copy, never on what the handler returned: that may be immutable (`Response.redirect()`, a
 * fetched response), or one object that answers many requests.
 */
function put(queued: QueuedHeaders, c: Context): void {
  const { body, bodyUsed, status, statusText } = c.res
  if (status === 101) return
  const headers = new Headers(c.res.headers)
  applyHeaders(queued, headers)
  // Response.error(), or one that somebody has read: there is nothing to send but our headers.
  const isNone = status < 200 || bodyUsed
  c.res = undefined
  c.res = isNone
    ? new Response(null, { status: 500, headers })
    : new Response(body, { status, statusText, headers })
}

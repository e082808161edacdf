/**
 * Adjourn for Hono.
 *
 * @module
 */
import type { Session, Sessions } from '@adjourn/core'
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
  // By instance, not by c.var.session: two Sessions in one app must not mistake each other's.
  const loaded = new WeakSet<Context>()
  return async function adjourn(c, next) {
    if (loaded.has(c)) return next()
    loaded.add(c)
    let queued: QueuedHeaders | undefined
    let sent = false
    const current = await sessions.load({
      header: (name) => c.req.header(name),
      headersSent: () => sent,
      queue: (headers) => {
        queued = headers
      },
    })
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

function put(queued: QueuedHeaders, c: Context): void {
  try {
    applyHeaders(queued, c.res.headers)
  } catch {
    // Response.redirect() and fetched responses have immutable headers.
    const { body, status, statusText } = c.res
    const headers = new Headers(c.res.headers)
    applyHeaders(queued, headers)
    c.res = undefined
    c.res = new Response(body, { status, statusText, headers })
  }
}

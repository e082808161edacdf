/**
 * Adjourn for Hono.
 *
 * @module @adjourn/hono
 */
import type { Data, Session, Sessions } from '@adjourn/core'
import {
  developmentChecks,
  keepSession,
  keptSession,
  loadSession,
  requireSession,
  warnOfMountingTwice,
  withQueued,
} from '@adjourn/core/binding'
import type { QueuedHeaders, ResponseChecks, Transport } from '@adjourn/core/binding'
import type { Context, MiddlewareHandler, Next } from 'hono'

/**
 * The variables that the middleware sets. Inferred through chained `.use()`; elsewhere
 * `new Hono<Env<AppData>>()`.
 */
export interface Env<D extends object = Record<string, unknown>> {
  /** As `c.var` has them. */
  Variables: {
    /** The session of the request, signed in or not. */
    session: Session<D>
  }
}

/**
 * Loads the session of each request into `c.var.session`. Chain it before the routes. If the store
 * fails, it throws the `SessionError` `ERR_STORE_UNAVAILABLE`, which Hono answers with 503 unless
 * the app's `onError` decides otherwise.
 *
 * @param sessions What `createSessions` returned.
 * @example
 * ```ts
 * import { session } from '@adjourn/hono'
 * import { Hono } from 'hono'
 *
 * const app = new Hono().use(session(sessions)).post('/logout', async (c) => {
 *   await c.var.session.end()
 *   return c.redirect('/')
 * })
 * ```
 */
export function session<D extends object>(sessions: Sessions<D>): MiddlewareHandler<Env<D>> {
  return function adjourn(c, next) {
    const known = keptSession<D>(c, sessions)
    if (known !== undefined) {
      warnOfMountingTwice(known)
      c.set('session', known)
      return next()
    }
    const isLate = c.finalized
    const transport = new ContextTransport(c)
    const loading = loadSession(sessions, transport)
    return 'then' in loading ? loading.then(run) : run(loading)

    function run(current: Session<D>): Promise<void> {
      keepSession(c, sessions, current)
      c.set('session', current)
      const request = c.req.raw
      return transport.answer(next, developmentChecks(current, { sessions, request, isLate }))
    }
  }
}

class ContextTransport implements Transport {
  readonly #c: Context
  #queued: QueuedHeaders | undefined
  #sent = false

  constructor(c: Context) {
    this.#c = c
  }

  header(name: string): string | undefined {
    return this.#c.req.header(name)
  }

  headersSent(): boolean {
    return this.#sent
  }

  queue(headers: QueuedHeaders): void {
    this.#queued = headers
  }

  /** Workers drop what a request leaves under way, unless they are asked for more time. */
  get waitUntil(): ((work: Promise<void>) => void) | undefined {
    const context = executionContext(this.#c)
    return context && ((work) => context.waitUntil(work))
  }

  /** Has the request answered, and puts on the answer what was queued. */
  async answer(next: Next, checks: ResponseChecks | undefined): Promise<void> {
    try {
      await next()
    } catch (thrown) {
      // Hono answers errors inside next(); anything else that is thrown escapes it, and the
      // response with it.
      throw thrown instanceof Error ? thrown : new Error('Not an Error', { cause: thrown })
    } finally {
      // From here on the response is out of our hands: a stream's callback runs later.
      checks?.leaving()
      this.#sent = true
      if (this.#queued !== undefined) put(this.#queued, this.#c)
      checks?.done()
    }
  }
}

/**
 * The session of a request, of one among several `Sessions` in an app; with one,
 * `c.var.session` is it.
 *
 * @param c The context of the request.
 * @param sessions Whose session.
 * @throws SessionError `ERR_CONFIG` if the middleware of these `Sessions` did not run before.
 * @example
 * ```ts
 * import { createSessions } from '@adjourn/core'
 * import { session, sessionOf } from '@adjourn/hono'
 * import { Hono } from 'hono'
 *
 * const users = createSessions({ secrets: process.env.USER_SECRET!, store })
 * const staff = createSessions({ secrets: process.env.STAFF_SECRET!, store, cookie: { name: 'staff' } })
 *
 * const app = new Hono()
 *   .use(session(users), session(staff))
 *   .get('/who', (c) => c.json([sessionOf(c, users).userId, sessionOf(c, staff).userId]))
 * ```
 */
export function sessionOf<D extends object = Data>(c: Context, sessions: Sessions<D>): Session<D> {
  return requireSession(c, sessions, 'chain .use(session(sessions)) before the routes')
}

/** Hono throws where the runtime has none. */
function executionContext(c: Context): Context['executionCtx'] | undefined {
  try {
    return c.executionCtx
  } catch {
    return undefined
  }
}

function put(queued: QueuedHeaders, c: Context): void {
  const answer = withQueued(c.res, queued)
  if (answer === c.res) return
  // Hono puts the headers of what was there on what is assigned.
  c.res = undefined
  c.res = answer
}

import { createSessions } from '@adjourn/core'
import type { NativeCase } from '@adjourn/core/testing'
import { session, type Env } from '@adjourn/hono'
import { Hono, type Context, type ErrorHandler, type MiddlewareHandler } from 'hono'
import { setCookie } from 'hono/cookie'
import { cors } from 'hono/cors'
import { etag } from 'hono/etag'
import { HTTPException } from 'hono/http-exception'
import { stream, streamText } from 'hono/streaming'
import { inProcess, type Serving } from './hono-app.ts'
import { throwAny } from './throw-any.ts'
import { startBesideUpstream, type startUpstream } from './upstream.ts'

interface Exchange {
  readonly c: Context<Env>
  readonly act: () => Promise<void>
  /** Where the fetched answers come from. */
  readonly upstream: string
}
type Answer = (exchange: Exchange) => Response | Promise<Response>
type Told = Omit<NativeCase, 'name' | 'start'>
type Answers = Readonly<Record<string, readonly [Answer, Told, Options?]>>

interface Options {
  /** Mounted before the binding. */
  readonly outer?: MiddlewareHandler
  /** Mounted after it. */
  readonly inner?: MiddlewareHandler
  readonly onError?: ErrorHandler<Env>
}

const OTHER_SECRET = 'the secret of the other Sessions'
const OK: Told = { status: 200, body: 'ok' }
const OK_A: Told = { ...OK, headers: { 'set-cookie': ['a=1'] } }
const MOVED: Told = { status: 302, headers: { location: 'http://127.0.0.1/welcome' } }
const WITH_A = { headers: { 'Set-Cookie': 'a=1' } }

const ok: Answer = ({ c }) => c.text('ok')
const redirected = (): Response => Response.redirect('http://127.0.0.1/welcome')
const failing: Answer = () => {
  throw new Error('on purpose')
}

/** Responses made in every way. */
const RESPONSES: Answers = {
  'c.json()': [({ c }) => c.json({ ok: true }), { status: 200, body: '{"ok":true}' }],
  'c.redirect() with a status': [
    ({ c }) => c.redirect('/welcome', 303),
    { status: 303, headers: { location: '/welcome' } },
  ],
  'c.notFound()': [({ c }) => c.notFound(), { status: 404 }],
  'c.header() of a Set-Cookie': [
    ({ c }) => {
      c.header('Set-Cookie', 'a=1')
      return c.text('ok')
    },
    OK_A,
  ],
  'setCookie()': [
    ({ c }) => {
      setCookie(c, 'a', '1')
      setCookie(c, 'b', '2')
      return c.text('ok')
    },
    { ...OK, headers: { 'set-cookie': ['a=1; Path=/', 'b=2; Path=/'] } },
  ],
  'a Response of its own': [() => new Response('ok', WITH_A), OK_A],
  'a Response without a body': [
    () => new Response(null, { status: 204 }),
    { status: 204, body: '' },
  ],
  'a Response that says how to cache': [
    () => new Response('ok', { headers: { 'cache-control': 'private' } }),
    { ...OK, headers: { 'cache-control': 'private' } },
  ],
  'Response.json()': [() => Response.json([1], WITH_A), { ...OK_A, body: '[1]' }],
  'Response.redirect(), which is immutable': [redirected, MOVED],
  'a fetched Response, which is immutable': [
    ({ upstream }) => fetch(upstream),
    {
      ...OK,
      status: 203,
      statusText: 'Passed on',
      headers: { 'set-cookie': ['a=1', 'b=2'], 'x-upstream': 'yes' },
    },
  ],
  'a fetched Response without a body': [
    ({ upstream }) => fetch(upstream, { method: 'HEAD' }),
    {
      status: 203,
      statusText: 'Passed on',
      body: '',
      headers: { 'set-cookie': ['a=1', 'b=2'], 'x-upstream': 'yes' },
    },
  ],
  'a fetched redirect': [
    ({ upstream }) => fetch(new URL('/moved', upstream), { redirect: 'manual' }),
    { status: 307, headers: { location: '/elsewhere' } },
  ],
  'c.res, assigned': [
    ({ c }) => {
      c.res = new Response('ok', WITH_A)
      return c.res
    },
    OK_A,
  ],
  'c.res, assigned something immutable': [
    ({ c }) => {
      c.res = redirected()
      return c.res
    },
    MOVED,
  ],
  'streamText()': [
    ({ c }) =>
      streamText(c, async (out) => {
        await out.write('o')
        await out.write('k')
      }),
    OK,
  ],
}

/** Errors in every way that Hono has for them. */
const ERRORS: Answers = {
  'an HTTPException': [
    () => {
      throw new HTTPException(403, { message: 'no' })
    },
    { status: 403, body: 'no' },
  ],
  'an HTTPException with a Response': [
    () => {
      throw new HTTPException(403, { res: new Response('no', WITH_A) })
    },
    { status: 403, body: 'no', headers: { 'set-cookie': ['a=1'] } },
  ],
  'an HTTPException with an immutable Response': [
    () => {
      throw new HTTPException(401, { res: redirected() })
    },
    { ...MOVED, status: 401 },
  ],
  'a thrown text': [() => throwAny('on purpose'), { status: 500 }],
  'a thrown undefined': [() => throwAny(undefined), { status: 500 }],
  'app.onError that answers': [
    failing,
    { status: 418, body: 'handled' },
    { onError: (_error, c) => c.text('handled', 418) },
  ],
  'app.onError that sets a cookie': [
    failing,
    { ...OK_A, status: 418 },
    { onError: () => new Response('ok', { ...WITH_A, status: 418 }) },
  ],
  'app.onError that redirects': [failing, MOVED, { onError: redirected }],
  'app.onError for a thrown text': [
    () => throwAny('on purpose'),
    { status: 418, body: 'handled' },
    { onError: (_error, c) => c.text('handled', 418) },
  ],
}

/** Middlewares on both sides of the binding. */
const MIDDLEWARES: Answers = {
  'a middleware before the binding that replaces c.res': [
    ok,
    { status: 201, body: 'replaced' },
    { outer: replacing() },
  ],
  'a middleware after the binding that replaces c.res': [
    ok,
    { status: 201, body: 'replaced' },
    { inner: replacing() },
  ],
  'a middleware before the binding that replaces something immutable': [
    redirected,
    { status: 201, body: 'replaced' },
    { outer: replacing() },
  ],
  'a middleware after the binding that replaces c.res with something immutable': [
    ok,
    MOVED,
    {
      inner: async (c, next) => {
        await next()
        c.res = undefined
        c.res = redirected()
      },
    },
  ],
  'a middleware before the binding that sets a cookie afterwards': [
    ok,
    OK_A,
    {
      outer: async (c, next) => {
        await next()
        c.header('Set-Cookie', 'a=1', { append: true })
      },
    },
  ],
  'a middleware before the binding that throws afterwards': [
    ok,
    { status: 500 },
    {
      outer: async (_c, next) => {
        await next()
        throw new Error('on purpose')
      },
    },
  ],
  'a middleware after the binding that throws afterwards': [
    ok,
    { status: 500 },
    {
      inner: async (_c, next) => {
        await next()
        throw new Error('on purpose')
      },
    },
  ],
  'cors() before the binding': [
    ok,
    { ...OK, headers: { 'access-control-allow-origin': '*' } },
    { outer: cors() },
  ],
  'etag() before the binding': [ok, OK, { outer: etag() }],
}

/** Streams that have begun when the session is ended. */
const LATE: Answers = {
  'an end inside of streamText()': [
    ({ c, act }) =>
      streamText(c, async (out) => {
        await out.write('o')
        await act()
        await out.write('k')
      }),
    { ...OK, late: true },
  ],
  'an end inside of stream()': [
    ({ c, act }) =>
      stream(c, async (out) => {
        await act()
        await out.write('ok')
      }),
    { ...OK, late: true },
  ],
  'an end inside of a ReadableStream': [
    ({ act }) => {
      const body = new ReadableStream({
        async pull(controller) {
          await act()
          controller.enqueue(new TextEncoder().encode('ok'))
          controller.close()
        },
      })
      return new Response(body, WITH_A)
    },
    { ...OK_A, late: true },
  ],
}

/**
 * The ways of answering that Hono has.
 *
 * @param openUpstream Where fetched answers come from. Default: a server of this process.
 */
export function honoNative(
  serving: Serving,
  openUpstream?: typeof startUpstream,
): readonly NativeCase[] {
  const all = Object.entries({ ...RESPONSES, ...ERRORS, ...MIDDLEWARES, ...LATE })
  return [
    ...all.map(([name, [answer, { statusText, ...told }, options = {}]]) => ({
      name,
      ...told,
      // The server does not pass it on.
      ...(statusText && serving === inProcess && { statusText }),
      start: starting(told.late ? answer : afterAct(answer), { serving, openUpstream, ...options }),
    })),
    subApp(serving),
    mountedAgain(serving),
    mountedApp(serving),
  ]
}

function replacing(): MiddlewareHandler {
  return async (c, next) => {
    await next()
    c.res = new Response('replaced', { status: 201 })
  }
}

function afterAct(answer: Answer): Answer {
  return async (exchange) => {
    await exchange.act()
    return answer(exchange)
  }
}

interface Surroundings extends Options {
  readonly serving: Serving
  readonly openUpstream: typeof startUpstream | undefined
}

function starting(
  answer: Answer,
  { serving, openUpstream, outer, inner, onError }: Surroundings,
): NativeCase['start'] {
  return (sessions, act) =>
    startBesideUpstream((upstream) => {
      const app = new Hono<Env>()
      if (onError !== undefined) app.onError(onError)
      if (outer !== undefined) app.use(outer)
      app.use(session(sessions))
      if (inner !== undefined) app.use(inner)
      app.get('/', (c) => answer({ c, act: () => act(c.var.session), upstream }))
      return serving(app)
    }, openUpstream)
}

function subApp(serving: Serving): NativeCase {
  return {
    name: 'a sub-app, by route(), that mounts the binding once more',
    ...OK,
    start: (sessions, act) => {
      const inner = new Hono().use(session(sessions)).get('/', async (c) => {
        await act(c.var.session)
        return c.text('ok')
      })
      return serving(new Hono().use(session(sessions)).route('/', inner))
    },
  }
}

function mountedAgain(serving: Serving): NativeCase {
  return {
    name: 'a sub-app that mounts the binding once more, after that of other Sessions',
    ...OK,
    start: (sessions, act) => {
      const other = createSessions({ secrets: OTHER_SECRET, cookie: { name: 'other' } })
      const inner = new Hono().use(session(sessions)).get('/', async (c) => {
        await act(c.var.session)
        return c.text('ok')
      })
      return serving(new Hono().use(session(sessions), session(other)).route('/', inner))
    },
  }
}

function mountedApp(serving: Serving): NativeCase {
  return {
    name: 'an app of another kind, by mount(), that answers with something immutable',
    ...MOVED,
    start: (sessions, act) => {
      const app = new Hono().use(session(sessions), async (c, next) => {
        await act(c.var.session)
        await next()
      })
      return serving(app.mount('/', redirected))
    },
  }
}

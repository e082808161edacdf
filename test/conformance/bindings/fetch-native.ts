import { createSessions, SessionError } from '@adjourn/core'
import type { NativeCase } from '@adjourn/core/testing'
import { withSession, type HandlerOptions } from '@adjourn/fetch'
import { inProcess, streamOf, type Serving } from './fetch-app.ts'
import { throwAny } from './throw-any.ts'
import { startBesideUpstream } from './upstream.ts'

interface Exchange {
  readonly request: Request
  readonly act: () => Promise<void>
  /** Where the fetched answers come from. */
  readonly upstream: string
}
type Answer = (exchange: Exchange) => Response | Promise<Response>
type Told = Omit<NativeCase, 'name' | 'start'>
type Answers = Readonly<Record<string, readonly [Answer, Told, HandlerOptions?]>>

const OTHER_SECRET = 'the secret of the other Sessions'
const OK: Told = { status: 200, body: 'ok' }
const OK_A: Told = { ...OK, headers: { 'set-cookie': ['a=1'] } }
const MOVED: Told = { status: 302, headers: { location: 'http://127.0.0.1/welcome' } }
const PASSED_ON: Told = {
  status: 203,
  statusText: 'Passed on',
  headers: { 'set-cookie': ['a=1', 'b=2'], 'x-upstream': 'yes' },
}
const WITH_A = { headers: { 'Set-Cookie': 'a=1' } }

const SHARED = new Response(null, { status: 202, ...WITH_A })

const redirected = (): Response => Response.redirect('http://127.0.0.1/welcome')
const failing: Answer = () => {
  throw new Error('on purpose')
}

async function* ok(): AsyncGenerator<string> {
  yield 'o'
  yield 'k'
}

/** Responses made in every way. */
const RESPONSES: Answers = {
  'a Response': [() => new Response('ok', WITH_A), OK_A],
  'a Response without a body': [
    () => new Response(null, { status: 204 }),
    { status: 204, body: '' },
  ],
  'a 304': [
    () => new Response(null, { status: 304, headers: { etag: '"1"' } }),
    { status: 304, body: '', headers: { etag: '"1"' } },
  ],
  'a Response that says how to cache': [
    () => new Response('ok', { headers: { 'cache-control': 'private' } }),
    { ...OK, headers: { 'cache-control': 'private' } },
  ],
  'one Response for every request': [() => SHARED, { status: 202, headers: OK_A.headers ?? {} }],
  'Response.json()': [() => Response.json([1], WITH_A), { ...OK_A, body: '[1]' }],
  'Response.redirect(), which is immutable': [redirected, MOVED],
  'a fetched Response, which is immutable': [
    ({ upstream }) => fetch(upstream),
    { ...PASSED_ON, body: 'ok' },
  ],
  'a fetched Response without a body': [
    ({ upstream }) => fetch(upstream, { method: 'HEAD' }),
    { ...PASSED_ON, body: '' },
  ],
  'a fetched redirect': [
    ({ upstream }) => fetch(new URL('/moved', upstream), { redirect: 'manual' }),
    { status: 307, headers: { location: '/elsewhere' } },
  ],
  'a stream': [() => new Response(streamOf(ok()), WITH_A), OK_A],
}

/** Errors in every way that a handler may throw. */
const ERRORS: Answers = {
  'a thrown Response': [() => throwAny(new Response('ok', WITH_A)), OK_A],
  'a thrown redirect, which is immutable': [() => throwAny(redirected()), MOVED],
  'a thrown redirect, beside onError': [
    () => throwAny(redirected()),
    MOVED,
    { onError: () => new Response('not for this', { status: 500 }) },
  ],
  'a thrown Error': [failing, { status: 500 }],
  'a thrown undefined': [() => throwAny(undefined), { status: 500 }],
  'a SessionError': [
    () => {
      throw new SessionError('ERR_SESSION_LIMIT', 'on purpose')
    },
    { status: 403, body: '', headers: { 'cache-control': 'no-store' } },
  ],
  'onError that answers': [
    failing,
    { status: 418, body: 'handled' },
    { onError: () => new Response('handled', { status: 418 }) },
  ],
  'onError that redirects': [failing, MOVED, { onError: redirected }],
  'onError that sets a cookie, in its time': [
    failing,
    OK_A,
    { onError: () => Promise.resolve(new Response('ok', WITH_A)) },
  ],
  'onError that throws a redirect': [
    failing,
    MOVED,
    {
      onError: () => throwAny(redirected()),
    },
  ],
  'onError that fails': [failing, { status: 500 }, { onError: () => Promise.reject(new Error()) }],
}

/** Bodies that have begun when the session is ended. */
const LATE: Answers = {
  'an end inside of a stream': [
    ({ act }) =>
      new Response(
        streamOf(
          (async function* late() {
            yield 'o'
            await act()
            yield 'k'
          })(),
        ),
        WITH_A,
      ),
    { ...OK_A, late: true },
  ],
}

/** The ways of answering that fetch handlers have. */
export function fetchNative(serving: Serving): readonly NativeCase[] {
  return [
    ...Object.entries({ ...RESPONSES, ...ERRORS, ...LATE }).map(
      ([name, [answer, { statusText, ...told }, options = {}]]) => ({
        name,
        ...told,
        // The server does not pass it on.
        ...(statusText && serving === inProcess && { statusText }),
        start: starting(serving, told.late === true ? answer : afterAct(answer), options),
      }),
    ),
    nestedAgain(serving),
  ]
}

function afterAct(answer: Answer): Answer {
  return async (exchange) => {
    await exchange.act()
    return answer(exchange)
  }
}

function starting(serving: Serving, answer: Answer, options: HandlerOptions): NativeCase['start'] {
  return (sessions, act) =>
    startBesideUpstream((upstream) =>
      serving(
        withSession(
          sessions,
          (request, session) => answer({ request, act: () => act(session), upstream }),
          options,
        ),
      ),
    )
}

function nestedAgain(serving: Serving): NativeCase {
  return {
    name: 'a handler that has the binding once more, after that of other Sessions',
    ...OK,
    start(sessions, act) {
      const other = createSessions({ secrets: OTHER_SECRET, cookie: { name: 'other' } })
      const inner = withSession(sessions, async (_request, session) => {
        await act(session)
        return new Response('ok')
      })
      return serving(withSession(sessions, withSession(other, inner)))
    },
  }
}

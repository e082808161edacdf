import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http'
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import { createSessions, SessionError, type Session, type Sessions } from '@adjourn/core'
import type { NativeCase } from '@adjourn/core/testing'
import { session, sessionOf, withSession, type HandlerOptions } from '@adjourn/node'
import { listen } from './listen.ts'
import { nodeAnswers, OK, OK_A, type NodeExchange, type Told } from './node-answers.ts'
import { throwAny } from './throw-any.ts'

interface Exchange extends NodeExchange {
  readonly request: IncomingMessage
}
type Answer = (exchange: Exchange) => unknown
type Answers = Readonly<Record<string, readonly [Answer, Told, HandlerOptions?]>>

const OTHER_SECRET = 'the secret of the other Sessions'
const FAILED: Told = { status: 500, body: 'Internal Server Error' }

const failing: Answer = () => {
  throw new Error('on purpose')
}

const ANSWERS: Answers = {
  'a bare end()': [({ response }) => response.end(), { status: 200, body: '' }],
  '304, which has no body': [
    ({ response }) => response.writeHead(304, { etag: '"1"' }).end(),
    { status: 304, body: '', headers: { etag: '"1"' } },
  ],
  'a pipeline that is awaited': [
    ({ response }) => pipeline(Readable.from(['o', 'k']), response),
    OK,
  ],
  'an answer after the handler has returned': [
    ({ response }) => void setImmediate(() => response.end('ok')),
    OK,
  ],
  'an error after the answer': [
    ({ response }) => {
      response.end('ok')
      throw new Error('on purpose')
    },
    OK,
  ],
  'a handler that wraps writeHead': [
    ({ response }) => {
      const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => typeof response
      const wrapped = (...args: unknown[]): typeof response => {
        response.setHeader('Set-Cookie', 'a=1')
        return writeHead(...args)
      }
      response.writeHead = wrapped
      response.end('ok')
    },
    OK_A,
  ],
}

/** Errors in every way that a handler may fail. */
const ERRORS: Answers = {
  'a thrown error': [failing, FAILED],
  'a rejection after a while': [
    () => new Promise((_resolve, reject) => setImmediate(reject, new Error('on purpose'))),
    FAILED,
  ],
  'a thrown undefined': [() => throwAny(undefined), FAILED],
  'a SessionError': [
    () => {
      throw new SessionError('ERR_SESSION_ENDED', 'on purpose')
    },
    { status: 401, body: 'Unauthorized' },
  ],
  'an error after the headers of another answer were set': [
    ({ response }) => {
      response.setHeader('Set-Cookie', 'a=1')
      response.setHeader('Cache-Control', 'public, max-age=60')
      response.setHeader('Content-Encoding', 'gzip')
      response.setHeader('Content-Length', 1000)
      response.statusMessage = 'Fine'
      throw new Error('on purpose')
    },
    { ...FAILED, statusText: 'Internal Server Error' },
  ],
  'a writeHead that Node refuses': [
    ({ response }) => response.writeHead(200, { 'x-broken': 'a\nb' }).end('ok'),
    FAILED,
  ],
  'onError that answers': [
    failing,
    { status: 418, body: 'handled' },
    { onError: (_error, _request, response) => response.writeHead(418).end('handled') },
  ],
  'onError that sets a cookie, in its time': [
    failing,
    { ...OK_A, status: 418 },
    {
      async onError(_error, _request, response) {
        await Promise.resolve()
        response.writeHead(418, { 'Set-Cookie': 'a=1' }).end('ok')
      },
    },
  ],
  'onError after the length of another answer was set': [
    ({ response }) => {
      response.setHeader('Content-Length', 1000)
      throw new Error('on purpose')
    },
    OK,
    { onError: (_error, _request, response) => response.end('ok') },
  ],
  'onError that fails': [failing, FAILED, { onError: () => failing({} as Exchange) }],
  'onError that rejects, having set headers': [
    failing,
    FAILED,
    {
      async onError(_error, _request, response) {
        response.statusCode = 200
        response.setHeader('Content-Length', 1000)
        throw new SessionError('ERR_STORE_UNAVAILABLE', 'on purpose')
      },
    },
  ],
}

/** The ways of answering that plain Node has. */
export function nodeNative(): readonly NativeCase[] {
  const own = Object.entries({ ...ANSWERS, ...ERRORS })
  return [
    ...Object.entries(nodeAnswers).map(([name, [answer, told]]) => ({
      name,
      ...told,
      start: starting(told.late === true ? answer : afterAct(answer), {}),
    })),
    ...own.map(([name, [answer, told, options = {}]]) => ({
      name,
      ...told,
      start: starting(afterAct(answer), options),
    })),
    middlewareAlone,
    nestedAgain,
  ]
}

function afterAct(answer: Answer): Answer {
  return async (exchange) => {
    await exchange.act()
    await answer(exchange)
  }
}

function starting(answer: Answer, options: HandlerOptions): NativeCase['start'] {
  return (sessions, act) =>
    listen(
      withSession(
        sessions,
        (request, response, current) => answer({ request, response, act: () => act(current) }),
        options,
      ),
    )
}

const middlewareAlone: NativeCase = {
  name: 'the middleware, in front of a listener',
  ...OK_A,
  start(sessions, act) {
    const load = session(sessions)
    async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
      await act(sessionOf(request, sessions))
      response.writeHead(200, { 'Set-Cookie': 'a=1' }).end('ok')
    }
    const server = createServer((request, response) => {
      load(request, response, (error) => {
        if (error !== undefined) return void response.writeHead(503).end()
        void answer(request, response)
      })
    })
    return listen(server)
  },
}

const nestedAgain: NativeCase = {
  name: 'a listener that has the binding once more, after that of other Sessions',
  ...OK,
  start(sessions, act) {
    const other = createSessions({ secrets: OTHER_SECRET, cookie: { name: 'other' } })
    const inner = withSession(sessions, async (_request, response, current) => {
      await act(current)
      response.end('ok')
    })
    return listen(around(sessions, around(other, inner)))
  },
}

function around(sessions: Sessions, inner: RequestListener): RequestListener {
  return withSession(sessions, (request, response, _session: Session) => inner(request, response))
}

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createSessions } from '@adjourn/core'
import type { NativeCase } from '@adjourn/core/testing'
import { session, sessionOf } from '@adjourn/express'
import type express from 'express'
import { listen } from './listen.ts'
import { nodeAnswers, OK, OK_A, type Told } from './node-answers.ts'
import { throwAny } from './throw-any.ts'

interface Exchange {
  readonly request: express.Request
  readonly response: express.Response
  readonly next: express.NextFunction
  readonly act: () => Promise<void>
}
type Answer = (exchange: Exchange) => unknown
type Answers = Readonly<Record<string, readonly [Answer, Told, Options?]>>

interface Options {
  /** Mounted before the binding. */
  readonly outer?: express.RequestHandler
  /** Mounted after it. */
  readonly inner?: express.RequestHandler
  /** Express sets no header of its own. */
  readonly bare?: boolean
}

const FILE = fileURLToPath(import.meta.url)
const PAGE = readFileSync(FILE, 'utf8')

const OTHER_SECRET = 'the secret of the other Sessions'

/** Answers of Express's own making. */
const BODIES: Answers = {
  'cookie()': [
    ({ response }) => response.cookie('a', '1', { path: '/' }).send('ok'),
    { ...OK, headers: { 'set-cookie': ['a=1; Path=/'] } },
  ],
  'json()': [({ response }) => response.json({ ok: true }), { status: 200, body: '{"ok":true}' }],
  'sendStatus()': [({ response }) => response.sendStatus(202), { status: 202, body: 'Accepted' }],
  'redirect() with a status': [
    ({ response }) => response.redirect(303, '/welcome'),
    { status: 303, headers: { location: '/welcome' } },
  ],
  // It says of itself how to cache.
  'sendFile()': [
    ({ response }) => response.sendFile(basename(FILE), { root: dirname(FILE) }),
    { status: 200, body: PAGE, headers: { 'cache-control': 'public, max-age=0' } },
  ],
}

/** Errors in every way that Express has for them. */
const ERRORS: Answers = {
  'next(error)': [({ next }) => next(new Error('on purpose')), { status: 500 }],
  'next(error) with a status and headers': [
    ({ next }) => {
      const headers = { 'Set-Cookie': 'a=1' }
      next(Object.assign(new Error('on purpose'), { status: 402, headers }))
    },
    { status: 402, headers: { 'set-cookie': ['a=1'] } },
  ],
  'a thrown text': [() => throwAny('on purpose'), { status: 500 }],
  'a handler that passes on to the 404': [({ next }) => next(), { status: 404 }],
}

/** What on-headers does for compression and others: adds to the headers at the last moment. */
const wrapping: express.RequestHandler = (_request, response, next) => {
  const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => express.Response
  const wrapped = (...args: unknown[]): express.Response => {
    response.append('Set-Cookie', 'a=1')
    response.setHeader('X-Wrapped', 'yes')
    return writeHead(...args)
  }
  response.writeHead = wrapped as typeof response.writeHead
  next()
}

/** Less careful: puts its own in place of all others. */
const replacing: express.RequestHandler = (_request, response, next) => {
  const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => express.Response
  const wrapped = (...args: unknown[]): express.Response => {
    response.setHeader('Set-Cookie', 'a=1')
    return writeHead(...args)
  }
  response.writeHead = wrapped as typeof response.writeHead
  next()
}

const WRAPPED: Told = { ...OK, headers: { 'set-cookie': ['a=1'], 'x-wrapped': 'yes' } }

const WRAPPERS: Answers = {
  'a middleware before the binding that wraps writeHead': [
    ({ response }) => response.send('ok'),
    WRAPPED,
    { outer: wrapping },
  ],
  'a middleware after the binding that wraps writeHead': [
    ({ response }) => response.writeHead(200).end('ok'),
    WRAPPED,
    { inner: wrapping },
  ],
  'a handler that wraps writeHead': [
    ({ request, response }) => {
      wrapping(request, response, () => {})
      response.send('ok')
    },
    WRAPPED,
  ],
  'a middleware after the binding that replaces cookies in writeHead': [
    ({ response }) => response.send('ok'),
    OK_A,
    { inner: replacing },
  ],
  'middlewares on both sides that wrap writeHead': [
    ({ response }) => response.send('ok'),
    { ...WRAPPED, headers: { 'set-cookie': ['a=1', 'a=1'], 'x-wrapped': 'yes' } },
    { outer: wrapping, inner: wrapping },
  ],
}

/** The ways of answering that Express and Node have. */
export function expressNative(create: typeof express): readonly NativeCase[] {
  const all = Object.entries({ ...nodeAnswers, ...BODIES, ...ERRORS, ...WRAPPERS })
  return [
    ...all.map(([name, [answer, told, options = {}]]) => ({
      name,
      ...told,
      start: starting(create, told.late ? answer : afterAct(answer), options),
    })),
    subApp(create),
    mountedAgain(create),
  ]
}

function afterAct(answer: Answer): Answer {
  return async (exchange) => {
    await exchange.act()
    await answer(exchange)
  }
}

function starting(
  create: typeof express,
  answer: Answer,
  { outer, inner, bare = false }: Options,
): NativeCase['start'] {
  return async (sessions, act) => {
    const app = create()
    if (bare) app.disable('x-powered-by')
    if (outer !== undefined) app.use(outer)
    app.use(session(sessions))
    if (inner !== undefined) app.use(inner)
    app.get('/', async (request, response, next) => {
      const current = sessionOf(request, sessions)
      try {
        await answer({ request, response, next, act: () => act(current) })
      } catch (error) {
        // Express 5 does so by itself.
        next(error)
      }
    })
    return listen(app)
  }
}

function subApp(create: typeof express): NativeCase {
  return {
    name: 'a sub-app that mounts the binding once more',
    ...OK,
    start: async (sessions, act) => {
      const inner = create()
      inner.get('/', session(sessions), async (request, response) => {
        await act(sessionOf(request, sessions))
        response.send('ok')
      })
      const app = create()
      app.use(session(sessions))
      app.use('/', inner)
      return listen(app)
    },
  }
}

function mountedAgain(create: typeof express): NativeCase {
  return {
    name: 'a sub-app that mounts the binding once more, after that of other Sessions',
    ...OK,
    start: async (sessions, act) => {
      const other = createSessions({ secrets: OTHER_SECRET, cookie: { name: 'other' } })
      const inner = create()
      inner.use(session(sessions))
      inner.get('/', async (request, response) => {
        assert.equal(sessionOf(request), (request as { session?: unknown }).session)
        await act(sessionOf(request))
        response.send('ok')
      })
      const app = create()
      app.use(session(sessions), session(other))
      app.use('/', inner)
      return listen(app)
    },
  }
}

import { createSessions, type SessionEvent, type Sessions, type SessionStore } from '@adjourn/core'
import {
  manualClock,
  type ManualClock,
  type Routes,
  type StartBinding,
} from '@adjourn/core/testing'
import express from 'express'
import { startExpress } from '../conformance/bindings/express-app.ts'
import { onNodeServer as fetchOnNodeServer, startFetch } from '../conformance/bindings/fetch-app.ts'
import { onNodeServer, startHono } from '../conformance/bindings/hono-app.ts'
import { startNodeHttp } from '../conformance/bindings/node-app.ts'
import { get } from '../support/http.ts'

export const SECRET = 'the-secret-of-the-guarantees-tests'

/** Long: a short one may stand in the random letters of a cookie. */
export const USER = 'ann-of-the-guarantees-tests'

type Started = readonly (readonly [string, StartBinding])[]

// The mutation run has these tests hundreds of times, for what core does in any framework.
const { ADJOURN_FRAMEWORKS: only } = process.env
const unlessLeftOut = (all: Started): Started =>
  all.filter(([name]) => only === undefined || name === only)

export const frameworks: Started = unlessLeftOut([
  ['Express', startExpress(express)],
  ['Hono', startHono(onNodeServer)],
])

/** Express stands on Node's, and fetch does what Hono does: with them go the guarantees alone. */
export const bindings: Started = [
  ...frameworks,
  ...unlessLeftOut([
    ['Node', startNodeHttp],
    ['fetch', startFetch(fetchOnNodeServer)],
  ]),
]

/** What a browser got. */
interface Reply {
  readonly status: number
  readonly body: string
  readonly setCookies: readonly string[]
  /** The cookie to send from now on; empty once it was deleted. */
  readonly cookie: string
}

/** A server of the app, on a store that it may share with others. */
export interface Node {
  readonly sessions: Sessions
  readonly events: readonly SessionEvent[]
  readonly clock: ManualClock
  visit(path: string, cookie?: string, headers?: Record<string, string>): Promise<Reply>
  stop(): Promise<void>
}

const routes: Routes = {
  '/': (_session, reply) => reply.send(200, 'hello'),
  '/me': (session, reply) => reply.send(200, session.userId ?? 'nobody'),
  '/login': async (session, reply) => {
    await session.create({ userId: USER })
    await reply.send(200, session.id)
  },
  '/save': async (session, reply) => {
    session.data['n'] = 1
    await session.save()
    await reply.send(200, 'saved')
  },
  '/logout': async (session, reply) => {
    await session.end()
    await reply.redirect('/')
  },
  '/logout-and-apologise': async (session, reply) => {
    const failure = await session.end().catch((error: unknown) => error)
    const { code, record } = failure as { code?: string; record?: string }
    await reply.send(500, `${code} ${record}`)
  },
  '/everything': async (session, reply) => {
    await session.create({ userId: USER })
    await session.rotate()
    await session.end()
    await session.create({ userId: USER })
    session.data['n'] = 1
    await session.save()
    await session.reauthenticate()
    await session.end()
    await session.end()
    await reply.send(200, 'ended')
  },
}

export async function startNode(start: StartBinding, store: SessionStore): Promise<Node> {
  const clock = manualClock()
  const events: SessionEvent[] = []
  const onEvent = (event: SessionEvent): number => events.push(event)
  const sessions = createSessions({ secrets: SECRET, store, clock, onEvent })
  const app = await start(routes, { sessions, others: [] })
  const at = String(app.at)
  return {
    sessions,
    events,
    clock,
    async visit(path, cookie = '', headers = {}) {
      const sent = cookie === '' ? headers : { ...headers, cookie }
      const { status, body, setCookies } = await get(`${at}${path}`, sent)
      const [set] = setCookies
      const next = set?.includes('Max-Age=0') ? '' : (set?.split(';')[0] ?? cookie)
      return { status, body, setCookies, cookie: next }
    },
    stop: () => app.close(),
  }
}

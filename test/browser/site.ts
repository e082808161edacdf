/** Small apps of either framework, on http and https, under any name that ends in .test. */
import {
  createSessions,
  memoryStore,
  type CookieOptions,
  type Session,
  type SessionRecord,
  type Sessions,
} from '@adjourn/core'
import type { Reply, Routes, StartBinding } from '@adjourn/core/testing'
import { afterEach } from 'vitest'
import { listen } from '../conformance/bindings/listen.ts'
import { frameworks } from '../guarantees/nodes.ts'
import { listenTls } from './tls.ts'
import type { RequestListener } from 'node:http'

const SECRET = 'the-secret-of-the-browser-tests-00'

export { frameworks }

/** Where a server can be reached. */
export interface Addresses {
  /** The port of this machine that takes http. */
  readonly http: (host?: string) => string
  readonly https: (host?: string) => string
}

export interface Site extends Addresses {
  readonly sessions: Sessions
  /** How many live sessions ann has. */
  count(): Promise<number>
  record(id: string): Promise<SessionRecord | undefined>
}

export interface SiteOptions {
  readonly cookie?: CookieOptions
  readonly routes?: Routes
}

/** Starts apps; all are closed after the test. */
export interface Sites {
  start(start: StartBinding, options?: SiteOptions): Promise<Site>
  /** A server without sessions. */
  serve(handler: RequestListener): Promise<Addresses>
}

export function useSites(): Sites {
  let closing: (() => Promise<void>)[] = []

  afterEach(async () => {
    await Promise.all(closing.map((close) => close()))
    closing = []
  })

  async function addresses(at: string): Promise<Addresses> {
    const port = Number(new URL(at).port)
    const tls = await listenTls(port)
    closing.push(() => tls.close())
    return {
      http: (host = '127.0.0.1') => `http://${host}:${port}`,
      https: (host = 'adjourn.test') => `https://${host}:${tls.port}`,
    }
  }

  return {
    async start(start, { cookie = {}, routes = {} } = {}) {
      const store = memoryStore()
      const sessions = createSessions({ secrets: SECRET, store, cookie })
      const app = await start({ ...commonRoutes(), ...routes }, { sessions, others: [] })
      closing.push(async () => {
        await sessions.close()
        await app.close()
      })
      return {
        ...(await addresses(String(app.at))),
        sessions,
        count: async () => (await sessions.list('ann')).length,
        record: async (id) => (await store.read(id, [])).record,
      }
    },
    async serve(handler) {
      const server = await listen(handler)
      closing.push(() => server.close())
      return addresses(server.at)
    },
  }
}

/** A page with this in its body. */
export async function show(reply: Reply, body: string): Promise<void> {
  reply.setHeader('content-type', 'text/html; charset=utf-8')
  await reply.send(200, `<!doctype html><title>Adjourn</title><body>${body}</body>`)
}

const SIGN_OUT = '<form method="post" action="out"><button>Sign out</button></form>'

const me = async (session: Session, reply: Reply): Promise<void> => {
  reply.setHeader('cache-control', 'no-store')
  await show(reply, `<p>${session.userId ?? 'nobody'}</p>${SIGN_OUT}`)
}

/** The same under `/` and under `/app/`. */
function commonRoutes(): Routes {
  const routes: Routes = {
    me,
    in: async (session, reply) => {
      await session.create({ userId: 'ann' })
      await me(session, reply)
    },
    out: async (session, reply) => {
      await session.end()
      await me(session, reply)
    },
  }
  return Object.fromEntries(
    Object.entries(routes).flatMap(([name, handler]) => [
      [`/${name}`, handler],
      [`/app/${name}`, handler],
    ]),
  )
}

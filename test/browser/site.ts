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
import type { RequestListener } from 'node:http'
import type { FrameLocator, Page } from 'playwright-core'
import { afterEach } from 'vitest'
import { listen } from '../conformance/bindings/listen.ts'
import { frameworks } from '../guarantees/nodes.ts'
import { IS_THOROUGH } from './support.ts'
import { listenTls } from './tls.ts'

const SECRET = 'the-secret-of-the-browser-tests-00'

export { frameworks }

/** For what the bindings have no part in but to carry the headers. */
export const oneFramework = IS_THOROUGH ? frameworks : frameworks.slice(-1)

/** Where a server can be reached. */
export interface Addresses {
  /** By default as 127.0.0.1. */
  readonly http: (host?: string) => string
  /** By default as adjourn.test. */
  readonly https: (host?: string) => string
}

export interface Site extends Addresses {
  readonly sessions: Sessions
  /** How many live sessions ann has. */
  count(): Promise<number>
  record(id: string): Promise<SessionRecord | undefined>
}

interface SiteOptions {
  readonly cookie?: CookieOptions
  readonly routes?: Routes
}

/** Starts apps; all are closed after the test. */
export interface Sites {
  start(start: StartBinding, options?: SiteOptions): Promise<Site>
  /** A server without sessions. */
  serve(handler: RequestListener): Promise<Addresses>
  /** Shows the address in a frame on a page of another site. */
  embed(page: Page, url: string): Promise<FrameLocator>
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

  async function serve(handler: RequestListener): Promise<Addresses> {
    const server = await listen(handler)
    closing.push(() => server.close())
    return addresses(server.at)
  }

  return {
    serve,
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
    async embed(page, url) {
      const embedder = await serve((_request, response) => {
        response.setHeader('content-type', 'text/html')
        response.end(`<iframe src="${url}"></iframe>`)
      })
      await page.goto(embedder.https('embedder.test'))
      return page.frameLocator('iframe')
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

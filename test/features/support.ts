import {
  createSessions,
  type CreateOptions,
  type Data,
  type Session,
  type SessionEvent,
  type SessionRecord,
  type Sessions,
  type SessionsOptions,
  type SessionStore,
} from '@adjourn/core'
import {
  faultyStore,
  manualClock,
  type FaultyStore,
  type Handler,
  type ManualClock,
  type Reply,
  type RunningApp,
  type StartBinding,
  type StoreOperation,
} from '@adjourn/core/testing'
import { afterEach, beforeEach, describe } from 'vitest'
import { onEachStore } from '../conformance/bindings/stores.ts'
import { frameworks } from '../guarantees/nodes.ts'
import { get, type Answered } from '../support/http.ts'

export const SECRET = 'the-secret-of-the-features-tests-0'

export const DELETED =
  '__Host-session=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax'

/** What a test has a request do. Unless it answers itself, the answer is 200. */
export type Handle<D extends object, T> = (session: Session<D>, reply: Reply) => T | Promise<T>

interface Answer<T> extends Omit<Answered, 'body'> {
  /** What became of the handler; undefined: it did not run. */
  readonly outcome: PromiseSettledResult<T> | undefined
}

/** A server of the app, on a store that it may share with others. */
export interface Node<D extends object = Data> {
  readonly sessions: Sessions<D>
  readonly events: readonly SessionEvent[]
  /** Makes a request over a socket and has the handler handle it. */
  ask<T>(handle: Handle<D, T>, headers?: Record<string, string>): Promise<Answer<T>>
}

/** One store and one clock, shared by the nodes of a test. */
export interface World {
  readonly store: FaultyStore
  readonly clock: ManualClock
  node<D extends object = Data>(options?: Partial<SessionsOptions<D>>): Promise<Node<D>>
  /** Two nodes alike. */
  nodes(options?: Partial<SessionsOptions>): Promise<readonly [Node, Node]>
  record(id: string | undefined): Promise<SessionRecord | undefined>
  /** How often the store was called so. */
  count(operation: StoreOperation): number
}

/** Registers the same tests for each framework on each store. */
export function onEachAppAndStore(name: string, register: (world: () => World) => void): void {
  for (const [framework, start] of frameworks) {
    describe(framework, () => {
      onEachStore(`features-${name}-${framework.toLowerCase()}`, (createStore) => {
        let current: ReturnType<typeof createWorld>
        beforeEach(() => {
          current = createWorld(start, createStore())
        })
        afterEach(() => current.stop())
        register(() => current)
      })
    })
  }
}

function createWorld(start: StartBinding, inner: SessionStore): World & { stop(): Promise<void> } {
  const store = faultyStore(inner)
  const clock = manualClock()
  const running: (() => Promise<void>)[] = []

  async function node<D extends object = Data>(
    options: Partial<SessionsOptions<D>> = {},
  ): Promise<Node<D>> {
    const events: SessionEvent[] = []
    const onEvent = (event: SessionEvent): number => events.push(event)
    const sessions = createSessions<D>({ secrets: SECRET, store, clock, onEvent, ...options })
    const { routes, mount } = createSlots()
    const app = await start(routes, { sessions, others: [] })
    running.push(async () => {
      await app.close()
      await sessions.close()
    })
    return { sessions, events, ask: (handle, headers) => ask(app, mount, { handle, headers }) }
  }

  return {
    store,
    clock,
    node,
    nodes: async (options) => [await node(options), await node(options)],
    record: async (id) => (await inner.read(id, [])).record,
    count: (operation) => store.calls.filter((call) => call.operation === operation).length,
    async stop() {
      store.restore()
      await Promise.all(running.map((end) => end()))
      await empty(inner, new Date(clock.now()))
      await inner.close?.()
    },
  }
}

/** The next test may find the same database. */
async function empty(store: SessionStore, now: Date): Promise<void> {
  const expiresAt = new Date(now.getTime() + 400 * 86_400_000)
  await store.purge(await store.revoke({ group: 'everyone', now, expiresAt }))
}

type Mount = (handler: Handler) => { readonly path: string; readonly free: () => void }

/** Paths for handlers that come and go, as apps take their routes when they start. */
function createSlots(): { routes: Record<string, Handler>; mount: Mount } {
  const unused = Array.from({ length: 40 }, (_, at) => `/${at}`)
  const handlers = new Map<string, Handler>()
  const routes = Object.fromEntries(
    unused.map((path): [string, Handler] => [path, (...given) => handlers.get(path)?.(...given)]),
  )
  const mount: Mount = (handler) => {
    const path = unused.shift()
    if (path === undefined) throw new Error('Too many requests at once')
    handlers.set(path, handler)
    return { path, free: () => void unused.push(path) }
  }
  return { routes, mount }
}

async function ask<D extends object, T>(
  app: RunningApp,
  mount: Mount,
  { handle, headers = {} }: { handle: Handle<D, T>; headers?: Record<string, string> | undefined },
): Promise<Answer<T>> {
  let outcome: PromiseSettledResult<T> | undefined
  const { path, free } = mount(async (session, reply) => {
    let answered = false
    const redirect: Reply['redirect'] = (location) => {
      answered = true
      return reply.redirect(location)
    }
    const run = async (): Promise<T> => handle(session as never, { ...reply, redirect })
    ;[outcome] = await Promise.allSettled([run()])
    if (outcome?.status === 'rejected') throw outcome.reason
    if (!answered) await reply.send(200, 'done')
  })
  try {
    return { ...(await get(`${String(app.at)}${path}`, headers)), outcome }
  } finally {
    free()
  }
}

/** Keeps its session cookie as browsers do. */
export class Browser {
  /** The Cookie header; empty: none. */
  cookie = ''

  async open<D extends object, T>(
    node: Node<D>,
    handle: Handle<D, T>,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const { cookie } = this
    const answer = await node.ask(handle, cookie === '' ? headers : { cookie, ...headers })
    const [set] = answer.setCookies
    if (set !== undefined) this.cookie = set.includes('Max-Age=0') ? '' : (set.split(';')[0] ?? '')
    return answer
  }

  /** What the handler resolves to; rejects as it does. */
  async visit<D extends object, T>(node: Node<D>, handle: Handle<D, T>): Promise<T> {
    const { outcome, status } = await this.open(node, handle)
    if (outcome?.status === 'fulfilled') return outcome.value
    throw outcome === undefined ? new Error(`Answered with ${status}`) : (outcome.reason as Error)
  }

  /** Resolves to the id of the session. */
  login<D extends object>(
    node: Node<D>,
    userId: string,
    options: CreateOptions<D> = {},
  ): Promise<string> {
    return this.visit(node, async (session) => {
      await session.create({ ...options, userId })
      return session.id ?? ''
    })
  }

  /** Who the next request is signed in as. */
  whoami<D extends object>(node: Node<D>): Promise<string | undefined> {
    return this.visit(node, (session) => session.userId)
  }

  /** Another holder of the cookie that this one has now. */
  copy(): Browser {
    return Object.assign(new Browser(), { cookie: this.cookie })
  }
}

/** Waits until the store has the touches under way; the node sends no more of them. */
export const touched = <D extends object>({ sessions }: Node<D>): Promise<void> => sessions.close()

/** A handler that saves some keys. */
export const put =
  (data: object) =>
  async (session: Session): Promise<void> => {
    Object.assign(session.data, data)
    await session.save()
  }

/** A handler that tells the data. */
export const dataOf = <D extends object>(session: Session<D>): object => ({ ...session.data })

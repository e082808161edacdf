import {
  createSessions,
  memoryStore,
  type CookieOptions,
  type CreateOptions,
  type Session,
  type SessionEvent,
  type SessionRecord,
  type Sessions,
} from '../index.ts'
import type { QueuedHeaders } from '../binding.ts'
import type { Answer } from './binding-answers.ts'
import { openAnswer, type Opened, type RequestOptions } from './binding-client.ts'
import type { BindingUnderTest, Handler, Mounted, Routes, RunningApp } from './binding-port.ts'
import { faultyStore, type FaultyStore, type StoreOperation } from './faulty-store.ts'
import { manualClock, type ManualClock } from './manual-clock.ts'

/** Cases by name: the number of a clause, and what it promises. */
export type Cases = Readonly<Record<string, (serve: Serve) => Promise<void>>>

/** Runs a case against an app of its own. */
export type Serve = (
  routes: Routes,
  run: (app: TestApp) => Promise<void>,
  options?: ServeOptions,
) => Promise<void>

interface ServeOptions {
  readonly cookie?: CookieOptions
  /** The cookies of further `Sessions`; `same`: the first mounted once more. */
  readonly others?: readonly (CookieOptions | 'same')[]
  /** Instead of the binding's own start. */
  readonly start?: (mounted: Mounted) => Promise<RunningApp>
}

export interface TestApp extends Mounted {
  readonly store: FaultyStore
  readonly clock: ManualClock
  readonly events: readonly SessionEvent[]
  /** Resolves when the answer's headers are here. */
  readonly open: (path: string, options?: RequestOptions) => Promise<Opened>
  /** Resolves when the answer is here. */
  readonly get: (path: string, options?: RequestOptions) => Promise<Answer>
  record(id: string): Promise<SessionRecord | undefined>
  /** What the store was called for, reads apart. */
  writes(): StoreOperation[]
}

export function createServe({ start, createStore = memoryStore }: BindingUnderTest): Serve {
  return async (routes, run, options = {}) => {
    const store = faultyStore(await createStore())
    const clock = manualClock()
    const events: SessionEvent[] = []
    const create = (cookie: CookieOptions | undefined): Sessions =>
      createSessions({
        store,
        clock,
        secrets: 'a secret of the binding conformance suite',
        onEvent: (event) => events.push(event),
        ...(cookie && { cookie }),
      })
    const sessions = create(options.cookie)
    const others = (options.others ?? []).map((cookie) =>
      cookie === 'same' ? sessions : create(cookie),
    )
    const mounted = { sessions, others }
    const running = await (options.start?.(mounted) ?? start(routes, mounted))
    try {
      await run({ ...mounted, store, clock, events, ...askers(running.at), ...viewers(store) })
    } finally {
      store.restore()
      await running.close()
      await sessions.close()
      await store.close?.()
    }
  }
}

function askers(at: RunningApp['at']): Pick<TestApp, 'open' | 'get'> {
  const open: TestApp['open'] = (path, options = {}) => openAnswer(at, path, options)
  return {
    open,
    async get(path, options) {
      const { text, ...head } = await open(path, options)
      return { ...head, body: await text() }
    },
  }
}

function viewers(store: FaultyStore): Pick<TestApp, 'record' | 'writes'> {
  return {
    record: async (id) => (await store.read(id, [])).record,
    writes: () => store.calls.flatMap(({ operation }) => (operation === 'read' ? [] : [operation])),
  }
}

let users = 0

/** A user id that no other case has. */
export function newUser(): string {
  users++
  return `user-${users}`
}

/** A request to another node, which is not of the binding under test. The Set-Cookie it got. */
export async function elsewhere(
  sessions: Sessions,
  cookie: string | undefined,
  act: (session: Session) => Promise<unknown>,
): Promise<string | undefined> {
  let queued: QueuedHeaders | undefined
  const session = await sessions.load({
    header: (name) => (name === 'cookie' ? cookie : undefined),
    headersSent: () => false,
    queue: (headers) => {
      queued = headers
    },
  })
  await act(session)
  return queued?.setCookie
}

export interface SignedIn {
  readonly id: string
  readonly userId: string
  /** As the browser sends it. */
  readonly cookie: string
}

/** Signs a user in on another node. */
export async function signIn(
  sessions: Sessions,
  options: CreateOptions & { readonly userId?: string } = {},
): Promise<SignedIn> {
  const { userId = newUser() } = options
  let id: string | undefined
  const setCookie = await elsewhere(sessions, undefined, async (session) => {
    await session.create({ ...options, userId })
    id = session.id
  })
  return { id: id ?? '', userId, cookie: setCookie?.split(';')[0] ?? '' }
}

/** What is waited for until the test lets it go on. */
export interface Gate {
  readonly opened: Promise<void>
  open(): void
}

export function gate(): Gate {
  let resolve: (() => void) | undefined
  const opened = new Promise<void>((settle) => {
    resolve = settle
  })
  return { opened, open: () => resolve?.() }
}

export const whoami: Handler = (session, reply) => reply.send(200, session.userId ?? 'nobody')

export const login =
  (userId: string): Handler =>
  async (session, reply) => {
    await session.create({ userId })
    await reply.send(200, 'hello')
  }

export const logout: Handler = async (session, reply) => {
  await session.end()
  await reply.send(200, 'goodbye')
}

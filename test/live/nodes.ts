import { createSessions, type Session, type Sessions, type SessionsOptions } from '@adjourn/core'
import {
  faultyStore,
  manualClock,
  type FaultyStore,
  type ManualClock,
  type Reply,
  type Routes,
  type StartBinding,
} from '@adjourn/core/testing'
import type { Backend } from './backends.ts'

const SECRET = 'the-secret-of-the-tests-of-live-ends'

/** A server of the app. */
export interface Node {
  readonly sessions: Sessions
  readonly store: FaultyStore
  visit(path: string, cookie?: string): Promise<Visit>
  /** Opens `/watch`; resolves once its first part has arrived. */
  watch(cookie: string): Promise<Stream>
  stop(): Promise<void>
}

interface Visit {
  readonly status: number
  readonly body: string
  /** The cookie to send from now on. */
  readonly cookie: string
}

/** An open answer that ends with its session. */
interface Stream {
  readonly isOpen: boolean
  /** What it has said last, once it has ended. */
  readonly over: Promise<string>
}

async function* parts(signal: AbortSignal): AsyncGenerator<string> {
  yield 'open '
  if (!signal.aborted) await new Promise((ended) => signal.addEventListener('abort', ended))
  yield String((signal.reason as { code?: string }).code)
}

const answering =
  (act: (session: Session) => Promise<unknown>) =>
  async (session: Session, reply: Reply): Promise<void> => {
    await act(session)
    await reply.send(200, session.id ?? 'none')
  }

const routes: Routes = {
  '/me': (session, reply) => reply.send(200, session.userId ?? 'nobody'),
  '/data': (session, reply) => reply.send(200, JSON.stringify(session.data)),
  '/watch': (session, reply) => reply.stream(parts(session.signal)),
  '/login': answering((session) => session.create({ userId: 'ann', tags: ['org'] })),
  '/login-bob': answering((session) => session.create({ userId: 'bob' })),
  '/rotate': answering((session) => session.rotate()),
  '/join': answering((session) => session.rotate({ tags: ['later'] })),
  '/leave': answering((session) => session.rotate({ tags: [] })),
  '/revoke-others': answering((session) => session.revokeOthers()),
  '/logout': answering((session) => session.end()),
  '/save': answering(async (session) => {
    session.data['n'] = Number(session.data['n'] ?? 0) + 1
    await session.save()
  }),
}

async function startNode(
  start: StartBinding,
  store: FaultyStore,
  options: Partial<SessionsOptions>,
): Promise<Node> {
  const sessions = createSessions({ secrets: SECRET, store, ...options })
  const app = await start(routes, { sessions, others: [] })
  const get = (path: string, cookie: string): Promise<Response> =>
    fetch(`${String(app.at)}${path}`, { headers: cookie === '' ? {} : { cookie } })
  return {
    sessions,
    store,
    async visit(path, cookie = '') {
      const answer = await get(path, cookie)
      const [set] = answer.headers.getSetCookie()
      const next = set?.includes('Max-Age=0') ? '' : (set?.split(';')[0] ?? cookie)
      return { status: answer.status, body: await answer.text(), cookie: next }
    },
    async watch(cookie) {
      const { body } = await get('/watch', cookie)
      const reader = body?.pipeThrough(new TextDecoderStream()).getReader()
      const first = await reader?.read()
      let [text, isOpen] = [String(first?.value), true]
      async function rest(): Promise<string> {
        for (let part = await reader?.read(); part?.value !== undefined;) {
          text += part.value
          part = await reader?.read()
        }
        isOpen = false
        return text.replace('open ', '')
      }
      const over = rest().catch(String)
      return {
        over,
        get isOpen() {
          return isOpen
        },
      }
    },
    async stop() {
      store.restore()
      await app.close()
      await sessions.close()
    },
  }
}

/** Two servers on one backend, with one clock. */
export interface Pair extends AsyncDisposable {
  readonly here: Node
  readonly there: Node
  readonly clock: ManualClock
}

export async function startPair(
  start: StartBinding,
  backend: Backend,
  options: Partial<SessionsOptions> & { readonly watched?: false } = {},
): Promise<Pair> {
  const clock = manualClock()
  const { watched, ...given } = options
  async function node(): Promise<Node> {
    const { watch, ...rest } = faultyStore(backend.store())
    const store = watched === false || watch === undefined ? rest : { ...rest, watch }
    return startNode(start, store, { clock, ...given })
  }
  const [here, there] = [await node(), await node()]
  return {
    here,
    there,
    clock,
    async [Symbol.asyncDispose]() {
      await Promise.all([here.stop(), there.stop()])
      await backend[Symbol.asyncDispose]()
    },
  }
}

/** What work resolves to; rejects if that takes longer. */
export async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${milliseconds} ms`)), milliseconds)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

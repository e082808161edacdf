import { unsealData } from 'iron-session'
import { createSessions, memoryStore } from '../../src/index.ts'
import type { Session, SessionEvent, Sessions, SessionsOptions } from '../../src/index.ts'
import type { QueuedHeaders, Transport } from '../../src/binding.ts'
import { faultyStore, type FaultyStore } from '../../src/testing/index.ts'

export const SECRET = 'a-secret-for-tests-of-32-characters'

/** Sessions with a clock that stands still until it is moved, and every event kept. */
export function world(options: Partial<SessionsOptions> = {}): {
  sessions: Sessions
  events: SessionEvent[]
  advance(seconds: number): void
  browser(): Browser
} {
  let now = Date.UTC(2030, 0, 1)
  const events: SessionEvent[] = []
  const sessions = createSessions({
    secrets: SECRET,
    clock: { now: () => now },
    onEvent: (event) => events.push(event),
    ...options,
  })
  return {
    sessions,
    events,
    advance: (seconds) => {
      now += seconds * 1000
    },
    browser: () => new Browser(sessions),
  }
}

/** The same on a store with switches. */
export function faultyWorld(
  options: Partial<SessionsOptions> = {},
): ReturnType<typeof world> & { readonly store: FaultyStore } {
  const store = faultyStore(memoryStore())
  return { ...world({ store, ...options }), store }
}

/** The names that the browser's cookie holds under seal. */
export async function groupsUnderSeal({ cookie = '' }: Browser): Promise<readonly string[]> {
  const value = cookie.slice(cookie.indexOf('=') + 1)
  const { groups } = await unsealData<{ groups: string[] }>(value, { password: SECRET })
  return groups
}

export interface FakeRequest {
  readonly session: Session
  readonly queued: QueuedHeaders | undefined
  sendHeaders(): void
}

/** A browser with one cookie, and as many requests in flight as a test wants. */
export class Browser {
  cookie: string | undefined
  readonly #sessions: Sessions

  constructor(sessions: Sessions) {
    this.#sessions = sessions
  }

  /** A request that has been loaded; its answer reaches the browser with `receive`. */
  async request(headers: Record<string, string> = {}): Promise<FakeRequest> {
    let queued: QueuedHeaders | undefined
    let sent = false
    const all: Record<string, string> = { ...(this.cookie && { cookie: this.cookie }), ...headers }
    const transport: Transport = {
      header: (name) => all[name],
      headersSent: () => sent,
      queue: (given) => {
        queued = given
      },
    }
    const session = await this.#sessions.load(transport)
    return {
      session,
      get queued() {
        return queued
      },
      sendHeaders: () => {
        sent = true
      },
    }
  }

  receive({ queued }: FakeRequest): void {
    if (queued?.setCookie === undefined) return
    const [pair = ''] = queued.setCookie.split(';')
    this.cookie = /Max-Age=0/.test(queued.setCookie) ? undefined : pair
  }

  /** A whole request: load, handle, receive. */
  async visit<T>(
    handle: (session: Session) => Promise<T>,
    headers?: Record<string, string>,
  ): Promise<T> {
    const request = await this.request(headers)
    try {
      return await handle(request.session)
    } finally {
      this.receive(request)
    }
  }

  async login(userId: string): Promise<string> {
    return this.visit(async (session) => {
      await session.create({ userId })
      return session.id ?? ''
    })
  }

  /** Who this browser is signed in as. */
  async whoami(): Promise<string | undefined> {
    return this.visit(async (session) => session.userId)
  }
}

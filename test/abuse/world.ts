/** Sessions on a store that is watched for calls, and requests to them without an app around. */
import {
  createSessions,
  memoryStore,
  type Session,
  type SessionEvent,
  type Sessions,
  type SessionsOptions,
  type SessionStore,
} from '@adjourn/core'
import { faultyStore, type FaultyStore } from '@adjourn/core/testing'

export const NAME = '__Host-session'
export const NEW = 'the-newest-secret-of-the-abuse-tests'
export const OLD = 'an-older-secret-of-the-abuse-tests--'

export interface World {
  readonly sessions: Sessions
  readonly store: FaultyStore
  readonly events: SessionEvent[]
  /** A request with this Cookie header, and what its answer sets. */
  load(cookie?: string, headers?: Readonly<Record<string, string>>): Promise<Loaded>
  /** Signs somebody in: the Cookie header, and the session's id. */
  login(userId: string): Promise<{ readonly cookie: string; readonly id: string }>
}

interface Loaded {
  readonly session: Session
  /** The Set-Cookie value that is queued; undefined: none. */
  setCookie(): string | undefined
}

export function createWorld(
  options: Partial<SessionsOptions> = {},
  inner: SessionStore = memoryStore(),
): World {
  const store = faultyStore(inner)
  const events: SessionEvent[] = []
  const sessions = createSessions({
    secrets: [NEW, OLD],
    onEvent: (event) => events.push(event),
    ...options,
    store,
  })

  async function load(cookie?: string, headers: Readonly<Record<string, string>> = {}) {
    let queued: string | undefined
    const all: Readonly<Record<string, string | undefined>> = { ...headers, cookie }
    const session = await sessions.load({
      header: (name) => all[name],
      headersSent: () => false,
      queue: ({ setCookie }) => {
        queued = setCookie
      },
    })
    return { session, setCookie: () => queued }
  }

  return {
    sessions,
    store,
    events,
    load,
    async login(userId) {
      const { session, setCookie } = await load()
      await session.create({ userId, data: { of: userId } })
      return { cookie: setCookie()?.split(';')[0] ?? '', id: session.id ?? '' }
    },
  }
}

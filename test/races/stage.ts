import { createSessions } from '@adjourn/core'
import type { Sessions, SessionsOptions, SessionStore, Watch, WatchListener } from '@adjourn/core'

const SECRETS = 'a-secret-for-the-races-of-32-chars'

export const OPERATIONS = [
  'read',
  'insert',
  'update',
  'touch',
  'delete',
  'list',
  'revoke',
  'purge',
] as const

/** All that a race asks of a store. */
export type StoreOperations = Pick<SessionStore, (typeof OPERATIONS)[number]>

/** A store whose every operation is what `call` makes of it. */
export function storeOf(
  call: (operation: (typeof OPERATIONS)[number], given: unknown[]) => unknown,
): SessionStore {
  const store: Partial<Record<(typeof OPERATIONS)[number], unknown>> = {}
  for (const operation of OPERATIONS) {
    store[operation] = (...given: unknown[]) => call(operation, given)
  }
  return store as SessionStore
}

/** Runs an operation of a store, given as it was called. */
export function perform(
  store: StoreOperations,
  operation: (typeof OPERATIONS)[number],
  given: unknown[],
): Promise<unknown> {
  const run = store[operation].bind(store) as (...all: unknown[]) => Promise<unknown>
  return run(...given)
}

let time = Date.UTC(2040, 0, 1)

/** The one clock of all races. */
export const clock = {
  now: (): number => time,
  advance: (seconds: number): void => {
    time += seconds * 1000
  },
  set: (instant: number): void => {
    time = instant
  },
}

/**
 * Sessions for each part of a race, each on a store of its own, as on nodes of their own. They are
 * kept from race to race, so that cookies need not be unsealed anew in each.
 */
export class Stage {
  readonly #stores = new Map<string, SessionStore>()
  readonly #feeds = new Map<string, SessionStore>()
  readonly #watches = new Map<WatchListener, { readonly part: string; watch: Watch | undefined }>()
  readonly #sessions = new Map<string, Sessions>()

  /** @param feed Whose feed the sessions of this part hear. */
  enter(part: string, store: SessionStore, feed: SessionStore = store): void {
    this.#stores.set(part, store)
    this.#feeds.set(part, feed)
    for (const [listener, entry] of this.#watches) {
      if (entry.part !== part) continue
      void entry.watch?.close()
      listener.lost()
      entry.watch = feed.watch?.(listener)
    }
  }

  sessions(part: string, options: Partial<SessionsOptions> = {}): Sessions {
    const key = `${part} ${JSON.stringify(options)}`
    const known = this.#sessions.get(key)
    if (known !== undefined) return known
    const store = storeOf((operation, given) => {
      const current = this.#stores.get(part)
      if (current === undefined) throw new Error(`${part} has not entered`)
      return perform(current, operation, given)
    })
    store.watch = (listener) => {
      this.#watches.set(listener, { part, watch: this.#feeds.get(part)?.watch?.(listener) })
      return { close: async () => {} }
    }
    const sessions = createSessions({ store, secrets: SECRETS, clock, ...options })
    this.#sessions.set(key, sessions)
    return sessions
  }
}

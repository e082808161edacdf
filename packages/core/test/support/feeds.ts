import { expect, vi } from 'vitest'
import { memoryStore, SessionError } from '../../src/index.ts'
import type { SessionsOptions, SessionStore, WatchListener } from '../../src/index.ts'
import { faultyStore, type FaultyStore, type StoreOperation } from '../../src/testing/index.ts'
import { Browser, world } from './browser.ts'

/** The feeds' own time stands still; the clock of the sessions is another. */
export function stopTime(): void {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
}

/** Whatever can be done without waiting for time or a test is done. */
export async function settled(): Promise<void> {
  for (let turns = 0; turns < 5; turns++) await new Promise(setImmediate)
}

/** Time passes in steps in which everybody gets their turn. */
export async function pass(milliseconds: number): Promise<void> {
  for (let left = milliseconds; left > 0; left -= 50) {
    vi.advanceTimersByTime(Math.min(left, 50))
    await settled()
  }
}

/** A store without a feed. */
export function unwatched(inner: SessionStore = memoryStore()): FaultyStore {
  const { watch: _watch, ...rest } = faultyStore(inner)
  return rest
}

export interface HandFed {
  readonly store: FaultyStore
  /** What those who watch are told: nothing but what a test says. */
  readonly say: WatchListener
  /** How many have begun to watch, and how many have left. */
  readonly watches: { begun: number; closed: number }
}

export function handFed(inner: SessionStore = memoryStore()): HandFed {
  const listeners = new Set<WatchListener>()
  const watches = { begun: 0, closed: 0 }
  const each = (tell: (listener: WatchListener) => void): void => listeners.forEach(tell)
  return {
    watches,
    store: {
      ...unwatched(inner),
      watch(listener) {
        watches.begun++
        listeners.add(listener)
        return {
          async close() {
            watches.closed++
          },
        }
      },
    },
    say: {
      deleted: (id) => each((listener) => listener.deleted(id)),
      written: (id) => each((listener) => listener.written(id)),
      revoked: (group) => each((listener) => listener.revoked(group)),
      current: (asOf) => each((listener) => listener.current(asOf)),
      lost: () => each((listener) => listener.lost()),
    },
  }
}

export function count({ calls }: FaultyStore, operation: StoreOperation): number {
  return calls.filter((call) => call.operation === operation).length
}

export type World = ReturnType<typeof world>

/** Two nodes on one store, each with switches of its own. */
export function twoNodes(
  options: Partial<SessionsOptions> = {},
  inner: SessionStore = memoryStore(),
): { here: World & { store: FaultyStore }; there: World & { store: FaultyStore } } {
  const node = (): World & { store: FaultyStore } => {
    const store = faultyStore(inner)
    return { ...world({ store, ...options }), store }
  }
  return { here: node(), there: node() }
}

/** The same browser, as another node sees it. */
export function at({ sessions }: World, { cookie }: Browser): Browser {
  const browser = new Browser(sessions)
  browser.cookie = cookie
  return browser
}

export async function signalOf(browser: Browser): Promise<AbortSignal> {
  return browser.visit(async ({ signal }) => signal)
}

export function expectOver(signal: AbortSignal, why?: string | RegExp): void {
  expect(signal.aborted).toBe(true)
  expect(signal.reason).toBeInstanceOf(SessionError)
  expect(signal.reason).toMatchObject({ code: 'ERR_SESSION_ENDED' })
  if (why !== undefined) expect((signal.reason as Error).message).toMatch(why)
}

import { LRUCache } from 'lru-cache'
import { USER } from './groups.ts'

/** Keeps what was used last, of each user and of all visitors together no more than a share. */
export interface FairCache<V extends object> {
  get(key: string): V | undefined
  /** The same, without it being a use. */
  peek(key: string): V | undefined
  set(key: string, value: V): void
  delete(key: string): void
  clear(): void
}

/** Below it no share is worth the name. */
const LEAST = 10

/**
 * A flood of good cookies, of one account or of sessions that anybody can start, drives out its own
 * entries, the oldest first, before those of others.
 *
 * @param ownerOf The user; undefined: a visitor. Always the same for the same value.
 */
export function createFairCache<V extends object>(
  max: number,
  ownerOf: (value: V) => string | undefined,
): FairCache<V> {
  const shareOf = (owner: string | undefined): number =>
    Math.max(LEAST, Math.ceil(owner === undefined ? max / 2 : max / 100))
  let keysOf = new Map<string | undefined, Set<string>>()
  let entries = create()

  function create(): LRUCache<string, V> {
    return new LRUCache({ max, dispose: forget })
  }

  function forget(value: V, key: string): void {
    const owner = ownerOf(value)
    const keys = keysOf.get(owner)
    keys?.delete(key)
    if (keys?.size === 0) keysOf.delete(owner)
  }

  return {
    get: (key) => entries.get(key),
    peek: (key) => entries.peek(key),
    set(key, value) {
      const owner = ownerOf(value)
      const keys = keysOf.get(owner) ?? new Set()
      const [oldest] = keys
      if (oldest !== undefined && keys.size >= shareOf(owner) && !keys.has(key)) {
        entries.delete(oldest)
      }
      entries.set(key, value)
      // Only now: what it took the place of may have been the owner's last.
      keysOf.set(owner, keys.add(key))
    },
    delete: (key) => void entries.delete(key),
    clear() {
      // Not one by one: there may be a million.
      keysOf = new Map()
      entries = create()
    },
  }
}

/** The user among the groups of a session. */
export const userAmong = (groups: readonly string[]): string | undefined =>
  groups.find((group) => group.startsWith(USER))

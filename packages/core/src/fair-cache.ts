import { LRUCache } from 'lru-cache'
import { USER } from './groups.ts'

/** Keeps what was used last, of each user and of all visitors together no more than a share. */
export interface FairCache<V extends object> {
  get(key: string): V | undefined
  set(key: string, value: V): void
  delete(key: string): void
  clear(): void
}

/** Below it no share is worth the name. */
const LEAST = 10

/**
 * A flood of good cookies, of one account or of sessions that anybody can start, drives out its own
 * entries before those of others.
 *
 * @param max Of all users. A user may have a hundredth of it; visitors have half as many, apart.
 * @param ownerOf The user; undefined: a visitor. Always the same for the same value.
 */
export function createFairCache<V extends object>(
  max: number,
  ownerOf: (value: V) => string | undefined,
): FairCache<V> {
  const share = Math.max(LEAST, Math.ceil(max / 100))
  const keysOf = new Map<string, Set<string>>()
  const visitors = new LRUCache<string, V>({ max: Math.max(LEAST, Math.ceil(max / 2)) })
  const users = new LRUCache<string, V>({ max, dispose: forget })

  function forget(value: V, key: string): void {
    const owner = ownerOf(value) ?? ''
    const keys = keysOf.get(owner)
    keys?.delete(key)
    if (keys?.size === 0) keysOf.delete(owner)
  }

  function remove(key: string): void {
    users.delete(key)
    visitors.delete(key)
  }

  return {
    get: (key) => users.get(key) ?? visitors.get(key),
    set(key, value) {
      remove(key)
      const owner = ownerOf(value)
      if (owner === undefined) return void visitors.set(key, value)
      const keys = keysOf.get(owner) ?? new Set()
      const [oldest] = keys
      if (oldest !== undefined && keys.size >= share) users.delete(oldest)
      users.set(key, value)
      // Only now: what had to make room may have been the owner's last.
      keysOf.set(owner, keys.add(key))
    },
    delete: remove,
    clear() {
      // First, so that a million of them have nothing to do.
      keysOf.clear()
      users.clear()
      visitors.clear()
    },
  }
}

/** The user among the groups of a session. */
export const userAmong = (groups: readonly string[]): string | undefined =>
  groups.find((group) => group.startsWith(USER))

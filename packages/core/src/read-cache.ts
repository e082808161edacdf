import { LRUCache } from 'lru-cache'
import type { Feed, FeedListener } from './feed.ts'
import type { SessionRecord } from './record.ts'
import type { StoreRead } from './store.ts'

/** Sessions as they were last read. */
export interface ReadCache {
  /** What can be trusted of a session; undefined: read the store. */
  find(id: string): StoreRead | undefined
  /** Reads, and remembers what was read unless it has changed meanwhile. */
  through(id: string, groups: readonly string[], read: () => Promise<StoreRead>): Promise<StoreRead>
  /** The session was seen, which no feed tells of. */
  seen(record: SessionRecord): void
}

/** A read under way. */
interface Reading {
  readonly id: string
  readonly groups: readonly string[]
  /** Something that it may not have seen has happened since it began. */
  overtaken: boolean
}

interface Cached {
  readonly read: StoreRead
  readonly at: number
  /** When it expires as far as the store has said: a touch since then may have been lost. */
  readonly until: number
}

export const noCache: ReadCache = {
  find: () => undefined,
  through: (_id, _groups, read) => read(),
  seen: () => {},
}

/**
 * @param limits.maxAge In seconds.
 * @param now Milliseconds since the epoch.
 */
export function createReadCache(
  feed: Feed,
  { max, maxAge }: { readonly max: number; readonly maxAge: number },
  now: () => number,
): ReadCache {
  const entries = new LRUCache<string, Cached>({ max })
  const readings = new Set<Reading>()

  function overtake(isMeant: (reading: Reading) => boolean): void {
    for (const reading of readings) if (isMeant(reading)) reading.overtaken = true
  }

  function forget(id: string): void {
    entries.delete(id)
    overtake((reading) => reading.id === id)
  }

  const listener: FeedListener = {
    deleted: forget,
    written: forget,
    revoked(group) {
      for (const [id, { read }] of entries) if (isMember(read, group)) entries.delete(id)
      overtake(({ groups }) => groups.includes(group))
    },
    live() {
      entries.clear()
      overtake(() => true)
    },
  }
  feed.add(listener)

  return {
    find(id) {
      feed.start()
      const cached = feed.isCurrent ? entries.get(id) : undefined
      if (cached === undefined) return undefined
      const time = now()
      const age = time - cached.at
      return age >= 0 && age < maxAge * 1000 && time < cached.until ? cached.read : undefined
    },
    async through(id, groups, read) {
      const reading = { id, groups, overtaken: false }
      readings.add(reading)
      try {
        const found = await read()
        const { record } = found
        // A cookie from before a change of groups does not name all whose epochs are needed.
        const isWhole = record?.groups.every(({ group }) => groups.includes(group))
        if (record !== undefined && isWhole && !reading.overtaken) {
          entries.set(id, { read: found, at: now(), until: record.expiresAt.getTime() })
        }
        return found
      } finally {
        readings.delete(reading)
      }
    },
    seen(record) {
      const cached = entries.peek(record.id)
      if (cached?.read.record?.version !== record.version) return
      entries.set(record.id, { ...cached, read: { ...cached.read, record } })
    },
  }
}

function isMember({ record }: StoreRead, group: string): boolean {
  return record?.groups.some((of) => of.group === group) === true
}

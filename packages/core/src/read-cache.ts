import { createFairCache, type FairCache } from './fair-cache.ts'
import type { Feed, FeedListener } from './feed.ts'
import type { GuardedRead } from './genuine.ts'
import type { SessionRecord } from './record.ts'

/** Sessions as they were last read. */
export interface ReadCache {
  /** What can be trusted of a session; undefined: read the store. */
  find(id: string): GuardedRead | undefined
  /** Reads, and remembers what was read unless it has changed meanwhile. */
  through(
    id: string,
    groups: readonly string[],
    read: () => Promise<GuardedRead>,
  ): Promise<GuardedRead>
  /** The session was seen, which no feed tells of. */
  seen(record: SessionRecord): void
}

/** A read under way. */
interface Reading {
  readonly id: string
  /** How many revocations this node had heard of when it began. */
  readonly since: number
  /** Something that it may not have seen has happened since it began. */
  overtaken: boolean
}

interface Cached {
  readonly read: GuardedRead
  readonly at: number
  /** How many revocations had been heard of when it was read. */
  readonly since: number
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
  limits: { readonly max: number; readonly maxAge: number },
  now: () => number,
): ReadCache {
  const cache = new FedCache(feed, limits, now)
  feed.add(cache)
  return cache
}

class FedCache implements ReadCache, FeedListener {
  readonly #feed: Feed
  readonly #max: number
  /** Milliseconds. */
  readonly #maxAge: number
  readonly #now: () => number
  readonly #entries: FairCache<Cached>
  readonly #readings = new Set<Reading>()
  // What is cached is not searched for members: it may be a million sessions, and the process waits.
  readonly #revocations = new Map<string, number>()
  #told = 0

  constructor(feed: Feed, limits: { max: number; maxAge: number }, now: () => number) {
    this.#feed = feed
    this.#max = limits.max
    this.#maxAge = limits.maxAge * 1000
    this.#now = now
    this.#entries = createFairCache(limits.max, ({ read }) => read.record?.userId)
  }

  find(id: string): GuardedRead | undefined {
    this.#feed.start()
    const cached = this.#feed.isCurrent ? this.#entries.get(id) : undefined
    return cached !== undefined && this.#isTrusted(cached) ? cached.read : undefined
  }

  async through(
    id: string,
    groups: readonly string[],
    read: () => Promise<GuardedRead>,
  ): Promise<GuardedRead> {
    const reading = { id, since: this.#told, overtaken: false }
    this.#readings.add(reading)
    try {
      const found = await read()
      if (!reading.overtaken) this.#keep(reading, groups, found)
      return found
    } finally {
      this.#readings.delete(reading)
    }
  }

  seen(record: SessionRecord): void {
    const cached = this.#entries.get(record.id)
    if (cached?.read.record?.version !== record.version) return
    this.#entries.set(record.id, { ...cached, read: { ...cached.read, record } })
  }

  deleted(id: string): void {
    this.written(id)
  }

  written(id: string): void {
    this.#entries.delete(id)
    this.#overtake((reading) => reading.id === id)
  }

  revoked(group: string): void {
    if (this.#revocations.size >= this.#max) this.live()
    this.#revocations.set(group, ++this.#told)
  }

  live(): void {
    this.#entries.clear()
    this.#revocations.clear()
    this.#overtake(() => true)
  }

  #overtake(isMeant: (reading: Reading) => boolean): void {
    for (const reading of this.#readings) if (isMeant(reading)) reading.overtaken = true
  }

  #keep({ id, since }: Reading, groups: readonly string[], read: GuardedRead): void {
    const { record } = read
    // A cookie from before a change of groups does not name all whose epochs are needed.
    if (!record?.groups.every(({ group }) => groups.includes(group))) return
    this.#entries.set(id, { read, at: this.#now(), since, until: record.expiresAt.getTime() })
  }

  #isTrusted({ read, at, since, until }: Cached): boolean {
    const now = this.#now()
    const age = now - at
    return age >= 0 && age < this.#maxAge && now < until && this.#isUnrevoked(read, since)
  }

  #isUnrevoked({ record }: GuardedRead, since: number): boolean {
    return (
      record?.groups.every(({ group }) => (this.#revocations.get(group) ?? 0) <= since) === true
    )
  }
}

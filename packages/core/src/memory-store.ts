import { LRUCache } from 'lru-cache'
import { findMistakes, isCount, own, refuse } from './check.ts'
import { SessionError } from './errors.ts'
import { copyRecord, type GroupEpoch, type SessionRecord, type SessionSummary } from './record.ts'
import { nextEpoch } from './store.ts'
import type {
  Revocation,
  SessionChanges,
  SessionStore,
  StoreRead,
  Touch,
  Watch,
  WatchListener,
} from './store.ts'
import { createWatchers } from './watchers.ts'

/** What `memoryStore` takes. */
export interface MemoryStoreOptions {
  /** The most sessions to keep; beyond it the least recently seen is dropped. Default: 100 000. */
  readonly maxSessions?: number
}

/**
 * Keeps sessions in the memory of this process: for tests, demos and single-process tools. They
 * end with the process. Bounded in sessions; epochs add about 150 bytes for each user or tag
 * revoked within the last 400 days. Starts no timer.
 *
 * @param options How many sessions it keeps.
 * @throws SessionError `ERR_CONFIG` if an option is wrong.
 * @example
 * ```ts
 * import { createSessions, memoryStore } from '@adjourn/core'
 *
 * const sessions = createSessions({ secrets, store: memoryStore({ maxSessions: 1000 }) })
 * ```
 */
export function memoryStore(options: MemoryStoreOptions = {}): SessionStore {
  const maxSessions = {
    test: (value: unknown) => isCount(value) && Number(value) <= MOST_SESSIONS,
    must: `a whole number from 1 to ${MOST_SESSIONS}`,
  }
  const given = own(options)
  refuse(findMistakes(given, { maxSessions }))
  return new MemoryStore(given.maxSessions ?? 100_000)
}

/** What one table can hold. */
const MOST_SESSIONS = 10_000_000

class MemoryStore implements SessionStore {
  // Ordered by the last write: the tail is what expires first.
  readonly #records: LRUCache<string, SessionRecord>
  // Ordered by the last revocation, and so by expiry.
  readonly #epochs = new Map<string, GroupEpoch>()
  readonly #watchers = createWatchers()
  #closed = false

  constructor(maxSessions: number) {
    this.#records = new LRUCache({
      max: maxSessions,
      // However a record goes, it is told here.
      disposeAfter: (_record, id, reason) => {
        if (reason !== 'set') this.#watchers.deleted(id)
      },
    })
  }

  async read(id: string | undefined, groups: readonly string[]): Promise<StoreRead> {
    this.#assertOpen()
    const record = id === undefined ? undefined : this.#records.peek(id)
    const found = groups.flatMap((group) => this.#epochs.get(group) ?? [])
    return {
      record: record && copyRecord(record),
      epochs: new Map(found.map((epoch) => [epoch.group, structuredClone(epoch)])),
    }
  }

  async insert(record: SessionRecord): Promise<boolean> {
    this.#assertOpen()
    this.#dropExpired(record.lastSeenAt)
    if (this.#records.has(record.id)) return false
    this.#records.set(record.id, copyRecord(record))
    this.#watchers.written(record.id)
    return true
  }

  async update(
    id: string,
    { version, now }: { version: number; now: Date },
    changes: SessionChanges,
  ): Promise<boolean> {
    this.#assertOpen()
    const record = this.#unexpired(id, now)
    if (record?.version !== version) return false
    const next = copyRecord({ ...record, ...changes, version: version + 1 })
    this.#records.set(id, {
      ...next,
      lastSeenAt: later(record.lastSeenAt, next.lastSeenAt),
      expiresAt: later(record.expiresAt, next.expiresAt),
    })
    this.#watchers.written(id)
    return true
  }

  async touch(touches: readonly Touch[], now: Date): Promise<void> {
    this.#assertOpen()
    for (const { id, lastSeenAt, expiresAt } of touches) {
      const record = this.#unexpired(id, now)
      if (record === undefined) continue
      const moved = later(record.expiresAt, expiresAt)
      this.#records.set(id, {
        ...record,
        lastSeenAt: later(record.lastSeenAt, lastSeenAt),
        expiresAt: moved < record.endsAt ? moved : record.endsAt,
      })
    }
  }

  async delete(id: string, expected?: { lastSeenAt: Date }): Promise<boolean> {
    this.#assertOpen()
    const seen = this.#records.peek(id)?.lastSeenAt.getTime()
    if (expected !== undefined && seen !== expected.lastSeenAt.getTime()) return false
    return this.#records.delete(id)
  }

  async list(group: string, now: Date): Promise<SessionSummary[]> {
    this.#assertOpen()
    return this.#members(group)
      .filter((record) => record.expiresAt > now)
      .map(copyRecord)
      .map(({ data: _data, secretHash: _secretHash, ...summary }) => summary)
  }

  async revoke(revocation: Revocation): Promise<GroupEpoch> {
    this.#assertOpen()
    this.#dropExpired(revocation.now)
    const { group } = revocation
    const previous = this.#epochs.get(group)
    const next = nextEpoch(previous, revocation)
    // Deleted first: a key that is set again keeps its place in the order.
    this.#epochs.delete(group)
    this.#epochs.set(group, structuredClone(next))
    if (next.epoch !== previous?.epoch) this.#watchers.revoked(group)
    return structuredClone(next)
  }

  async purge({ group, epoch, keep }: GroupEpoch): Promise<number> {
    this.#assertOpen()
    const ended = this.#members(group).filter(
      ({ id, groups }) =>
        !keep.includes(id) && groups.some((of) => of.group === group && (of.epoch ?? -1) < epoch),
    )
    for (const { id } of ended) this.#records.delete(id)
    return ended.length
  }

  /** Tells of every change before whoever makes it has the answer. */
  watch(listener: WatchListener): Watch {
    return this.#watchers.add(listener, Infinity)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#watchers.end()
    this.#records.clear()
    this.#epochs.clear()
  }

  #assertOpen(): void {
    if (this.#closed) throw new SessionError('ERR_STORE_UNAVAILABLE', 'The memory store is closed')
  }

  #unexpired(id: string, now: Date): SessionRecord | undefined {
    const record = this.#records.peek(id)
    return record !== undefined && record.expiresAt > now ? record : undefined
  }

  #members(group: string): SessionRecord[] {
    const records = [...this.#records.values()]
    return records.filter(({ groups }) => groups.some((of) => of.group === group))
  }

  #dropExpired(now: Date): void {
    let oldest = this.#records.rkeys().next().value
    while (oldest !== undefined && !this.#unexpired(oldest, now)) {
      this.#records.delete(oldest)
      oldest = this.#records.rkeys().next().value
    }
    for (const [group, { expiresAt }] of this.#epochs) {
      if (expiresAt > now) break
      this.#epochs.delete(group)
    }
  }
}

const later = (a: Date, b: Date): Date => new Date(Math.max(a.getTime(), b.getTime()))

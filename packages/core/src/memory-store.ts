import { LRUCache } from 'lru-cache'
import { SessionError } from './errors.ts'
import type { GroupEpoch, SessionRecord, SessionSummary } from './record.ts'
import { nextEpoch, type SessionStore } from './store.ts'

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
 * @throws SessionError `ERR_CONFIG` if an option is wrong.
 */
export function memoryStore(options: MemoryStoreOptions = {}): SessionStore {
  const { maxSessions = 100_000, ...unknown } = options
  if (!Number.isInteger(maxSessions) || maxSessions < 1 || Object.keys(unknown).length > 0) {
    throw new SessionError(
      'ERR_CONFIG',
      'memoryStore takes { maxSessions: a whole number above 0 }',
    )
  }
  // Ordered by the last write: the tail is what expires first.
  const records = new LRUCache<string, SessionRecord>({ max: maxSessions })
  const epochs = new Map<string, GroupEpoch>()
  let closed = false

  function assertOpen(): void {
    if (closed) throw new SessionError('ERR_STORE_UNAVAILABLE', 'The memory store is closed')
  }

  function unexpired(id: string, now: Date): SessionRecord | undefined {
    const record = records.peek(id)
    return record !== undefined && record.expiresAt > now ? record : undefined
  }

  function members(group: string): SessionRecord[] {
    return [...records.values()].filter((record) => record.groups.some((of) => of.group === group))
  }

  function dropExpired(now: Date): void {
    let oldest = records.rkeys().next().value
    while (oldest !== undefined && !unexpired(oldest, now)) {
      records.delete(oldest)
      oldest = records.rkeys().next().value
    }
    for (const [group, epoch] of epochs) {
      if (epoch.expiresAt > now) break
      epochs.delete(group)
    }
  }

  return {
    async read(id, groups) {
      assertOpen()
      const record = id === undefined ? undefined : records.peek(id)
      const found = groups.flatMap((group) => epochs.get(group) ?? [])
      return {
        record: record && copy(record),
        epochs: new Map(found.map((epoch) => [epoch.group, copyEpoch(epoch)])),
      }
    },
    async insert(record) {
      assertOpen()
      dropExpired(record.lastSeenAt)
      if (records.has(record.id)) return false
      records.set(record.id, copy(record))
      return true
    },
    async update(id, { version, now }, changes) {
      assertOpen()
      const record = unexpired(id, now)
      if (record?.version !== version) return false
      const next = copy({ ...record, ...changes, version: version + 1 })
      records.set(id, {
        ...next,
        lastSeenAt: later(record.lastSeenAt, next.lastSeenAt),
        expiresAt: later(record.expiresAt, next.expiresAt),
      })
      return true
    },
    async touch(touches, now) {
      assertOpen()
      for (const { id, lastSeenAt, expiresAt } of touches) {
        const record = unexpired(id, now)
        if (record === undefined) continue
        const moved = later(record.expiresAt, expiresAt)
        records.set(id, {
          ...record,
          lastSeenAt: later(record.lastSeenAt, lastSeenAt),
          expiresAt: moved < record.endsAt ? moved : record.endsAt,
        })
      }
    },
    async delete(id, expected) {
      assertOpen()
      const record = records.peek(id)
      if (record === undefined) return false
      if (expected && record.lastSeenAt.getTime() !== expected.lastSeenAt.getTime()) return false
      return records.delete(id)
    },
    async list(group, now) {
      assertOpen()
      return members(group)
        .filter((record) => record.expiresAt > now)
        .map(summarize)
    },
    async revoke(revocation) {
      assertOpen()
      dropExpired(revocation.now)
      const next = nextEpoch(epochs.get(revocation.group), revocation)
      // Moved to the end: the map stays in the order of expiry.
      epochs.delete(revocation.group)
      epochs.set(revocation.group, copyEpoch(next))
      return copyEpoch(next)
    },
    async purge({ group, epoch, keep }) {
      assertOpen()
      const ended = members(group).filter(
        (record) =>
          !keep.includes(record.id) &&
          record.groups.some((of) => of.group === group && (of.epoch ?? -1) < epoch),
      )
      for (const { id } of ended) records.delete(id)
      return ended.length
    },
    async close() {
      closed = true
      records.clear()
      epochs.clear()
    },
  }
}

const later = (a: Date, b: Date): Date => new Date(Math.max(a.getTime(), b.getTime()))

function copy(record: SessionRecord): SessionRecord {
  return structuredClone(record)
}

function copyEpoch(epoch: GroupEpoch): GroupEpoch {
  return { ...epoch, keep: [...epoch.keep], expiresAt: new Date(epoch.expiresAt) }
}

function summarize(record: SessionRecord): SessionSummary {
  const { data: _data, secretHash: _secretHash, ...summary } = copy(record)
  return summary
}

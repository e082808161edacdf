import type { Revocation, SessionChanges, SessionRecord, Touch } from '@adjourn/core'

interface Epoch {
  readonly epoch: number
  readonly keep: readonly string[]
}

/** What the store port says, as plainly as it can be said: one table, one map, no bounds. */
export class Oracle {
  readonly records: SessionRecord[] = []
  readonly epochs = new Map<string, Epoch>()

  find(id: string): SessionRecord | undefined {
    return this.records.find((record) => record.id === id)
  }

  insert(record: SessionRecord): boolean {
    if (this.find(record.id)) return false
    this.records.push(record)
    return true
  }

  update(
    id: string,
    { version, now }: { version: number; now: Date },
    changes: SessionChanges,
  ): boolean {
    const old = this.#writable(id, now)
    if (old?.version !== version) return false
    const next = { ...old, ...changes, version: version + 1 }
    if (next.lastSeenAt < old.lastSeenAt) next.lastSeenAt = old.lastSeenAt
    if (next.expiresAt < old.expiresAt) next.expiresAt = old.expiresAt
    this.#put(next)
    return true
  }

  touch(touches: readonly Touch[], now: Date): void {
    for (const { id, lastSeenAt, expiresAt } of touches) {
      const old = this.#writable(id, now)
      if (old === undefined) continue
      const later = expiresAt > old.expiresAt ? expiresAt : old.expiresAt
      this.#put({
        ...old,
        lastSeenAt: lastSeenAt > old.lastSeenAt ? lastSeenAt : old.lastSeenAt,
        expiresAt: later < old.endsAt ? later : old.endsAt,
      })
    }
  }

  delete(id: string, seen?: Date): boolean {
    const at = this.records.findIndex((record) => record.id === id)
    const record = this.records[at]
    if (record === undefined) return false
    if (seen !== undefined && seen.getTime() !== record.lastSeenAt.getTime()) return false
    this.records.splice(at, 1)
    return true
  }

  list(group: string, now: Date): string[] {
    return this.records
      .filter((record) => record.expiresAt > now && this.#epochIn(record, group) !== undefined)
      .map(({ id }) => id)
  }

  revoke({ group, now, except }: Revocation): Epoch {
    const old = this.epochs.get(group)
    const alive =
      except !== undefined && (!old || old.epoch === except.epoch || old.keep.includes(except.id))
    if (old && except?.required && !alive) return old
    const epoch = Math.max(now.getTime(), (old?.epoch ?? 0) + 1)
    const next = { epoch, keep: alive ? [except.id] : [] }
    this.epochs.set(group, next)
    return next
  }

  /** An expired record is nobody's any more: a store may drop it at any time. */
  isExpired(id: string, now: Date): boolean {
    const record = this.find(id)
    return record !== undefined && record.expiresAt <= now
  }

  /** How many it deletes, and how many of them have not expired. */
  purge(group: string, now: Date): { most: number; least: number } {
    const { epoch, keep } = this.epochs.get(group) ?? { epoch: 0, keep: [] }
    const ended = this.records.filter((record) => {
      const joined = this.#epochIn(record, group)
      return (
        joined !== undefined && !keep.includes(record.id) && (joined === null || joined < epoch)
      )
    })
    for (const { id } of ended) this.delete(id)
    const unexpired = ended.filter(({ expiresAt }) => expiresAt > now)
    return { most: ended.length, least: unexpired.length }
  }

  #epochIn({ groups }: SessionRecord, group: string): number | null | undefined {
    return groups.find((of) => of.group === group)?.epoch
  }

  #writable(id: string, now: Date): SessionRecord | undefined {
    const record = this.find(id)
    return record !== undefined && record.expiresAt > now ? record : undefined
  }

  #put(record: SessionRecord): void {
    this.records[this.records.findIndex(({ id }) => id === record.id)] = record
  }
}

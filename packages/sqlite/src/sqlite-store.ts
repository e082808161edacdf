import { nextEpoch, SessionError } from '@adjourn/core'
import type {
  GroupEpoch,
  Revocation,
  SessionChanges,
  SessionRecord,
  SessionStore,
  SessionSummary,
  StoreRead,
  Touch,
  Watch,
  WatchListener,
} from '@adjourn/core'
import { createBound, letOthersIn, type Bound } from './bound.ts'
import { connect, type Connection } from './connection.ts'
import { createFeed, type Feed } from './feed.ts'
import { closed } from './map-error.ts'
import {
  epochBindings,
  fromText,
  membershipBindings,
  purgeBindings,
  recordBindings,
  touchBindings,
  toEpoch,
  toRecord,
  toSummary,
  toText,
  updateBindings,
  type EpochRow,
  type MembershipBindings,
  type MembershipRow,
  type SessionRow,
  type SummaryRow,
} from './rows.ts'
import { PURGE_BATCH, type Statements } from './statements.ts'

/** What `sqliteStore` takes beside the path. */
export interface SqliteStoreOptions {
  /** Seconds that a call waits for a lock that others hold before it fails. Default: 5. */
  readonly timeout?: number
}

/** What `sqliteStore` returns: a store that has a feed, and a file to close. */
export interface SqliteStore extends SessionStore {
  /** Closes the file. Calls that wait for a lock reject, as do those that come later. */
  close(): Promise<void>
  /**
   * Tells of what this store does before whoever asked has the answer. What others do with the file
   * shows as `lost` and `current`, within a quarter of a second.
   *
   * @param listener Who is told, until the watch is closed.
   */
  watch(listener: WatchListener): Watch
}

/** In seconds: SQLite takes no more milliseconds. */
const MAX_TIMEOUT = 2_147_483

/**
 * Keeps sessions in one file, for one machine: durable, nothing to install or run, and as many
 * processes on the file as there are. What was acknowledged survives a kill -9 and a loss of power.
 *
 * SQLite runs in the calling thread, on `node:sqlite`, which is synchronous: while it works, and
 * while the disk confirms a write, the event loop stands still. That is why a transaction here is
 * never more than a few rows, or 500 of them where many sessions are deleted. A lock that another
 * process holds does not stop the loop: the call is tried again every few milliseconds until
 * `timeout`. Reads wait for nobody. A disk that hangs is beyond any bound that a thread can set
 * itself.
 *
 * @param path The file, made if it is not there; the directory must be, on a local disk. Give the
 * store a file of its own. `:memory:` keeps the sessions in this process, until `close`.
 * @param options The bound of a call.
 * @throws SessionError `ERR_CONFIG` if an option is wrong, or a newer version of this store has
 * written the file; `ERR_STORE_UNAVAILABLE` if it cannot be opened. Every call of the store rejects
 * with `ERR_STORE_UNAVAILABLE`, SQLite's error as its cause, within `timeout`.
 * @example
 * ```ts
 * import { sqliteStore } from '@adjourn/sqlite'
 *
 * const store = sqliteStore('/var/lib/app/sessions.db')
 * ```
 */
export function sqliteStore(path: string, options: SqliteStoreOptions = {}): SqliteStore {
  const { timeout } = resolve(path, options)
  const connection = connect(path, timeout)
  // What is in memory has this one connection.
  const feed = createFeed(path === ':memory:' ? undefined : connection.dataVersion)
  return new SqliteSessionStore(connection, feed, timeout)
}

// Whatever a call was given is read before it may have to wait: the caller can change it meanwhile.
class SqliteSessionStore implements SqliteStore {
  readonly #connection: Connection
  readonly #sql: Statements
  // Apart, so that no read waits where it would not have to.
  readonly #reads: Bound
  readonly #writes: Bound
  readonly #feed: Feed
  #closed = false

  constructor(connection: Connection, feed: Feed, timeout: number) {
    const assertOpen = (): void => this.#assertOpen()
    this.#connection = connection
    this.#feed = feed
    this.#sql = connection.sql
    this.#reads = createBound(timeout, assertOpen)
    this.#writes = createBound(timeout, assertOpen)
  }

  async read(id: string | undefined, groups: readonly string[]): Promise<StoreRead> {
    const key = id === undefined ? undefined : toText(id)
    const names = groups.map(toText)
    return this.#snapshot('read', () => ({
      record: key === undefined ? undefined : this.#find(key),
      epochs: new Map(
        names.flatMap((name) => this.#epoch(name) ?? []).map((epoch) => [epoch.group, epoch]),
      ),
    }))
  }

  async insert(record: SessionRecord): Promise<boolean> {
    const { id } = record
    const session = recordBindings(record)
    const memberships = membershipBindings(id, record.groups)
    const now = record.lastSeenAt.getTime()
    const swept = await this.#transaction('insert', () => {
      if (this.#sql.insert.run(session).changes === 0) return undefined
      this.#join(memberships)
      this.#sql.sweepEpochs.run(now)
      return this.#sql.sweepSessions.all({ now, except: session.id })
    })
    if (swept === undefined) return false
    this.#tellDeleted(swept)
    this.#feed.written(id)
    return true
  }

  async update(
    id: string,
    expected: { readonly version: number; readonly now: Date },
    changes: SessionChanges,
  ): Promise<boolean> {
    const session = updateBindings(id, expected, changes)
    const memberships = changes.groups && membershipBindings(id, changes.groups)
    const updated = await this.#transaction('update', () => {
      if (this.#sql.update.run(session).changes === 0) return false
      if (memberships !== undefined) {
        this.#sql.leave.run(session.id)
        this.#join(memberships)
      }
      return true
    })
    if (updated) this.#feed.written(id)
    return updated
  }

  async touch(touches: readonly Touch[], now: Date): Promise<void> {
    const all = touches.map((touch) => touchBindings(touch, now))
    return this.#transaction('touch', () => {
      for (const touch of all) this.#sql.touch.run(touch)
    })
  }

  async delete(id: string, expected?: { readonly lastSeenAt: Date }): Promise<boolean> {
    const key = toText(id)
    const seen = expected?.lastSeenAt.getTime()
    const { changes } = await this.#writes.run('delete', () =>
      seen === undefined ? this.#sql.delete.run(key) : this.#sql.deleteIfSeen.run(key, seen),
    )
    if (changes === 0) return false
    this.#feed.deleted(id)
    return true
  }

  async list(group: string, now: Date): Promise<SessionSummary[]> {
    const [name, after] = [toText(group), now.getTime()]
    return this.#snapshot('list', () => {
      const rows = this.#sql.list.all(name, after) as unknown as SummaryRow[]
      return rows.map((row) => toSummary(row, this.#memberships(row.id)))
    })
  }

  async revoke(revocation: Revocation): Promise<GroupEpoch> {
    const asked = structuredClone(revocation)
    const [before, after] = await this.#transaction('revoke', () => {
      this.#sql.sweepEpochs.run(asked.now.getTime())
      const previous = this.#epoch(toText(asked.group))
      const next = nextEpoch(previous, asked)
      this.#sql.setEpoch.run(epochBindings(next))
      return [previous, next]
    })
    if (after.epoch !== before?.epoch) this.#feed.revoked(after.group)
    return after
  }

  async purge(epoch: GroupEpoch): Promise<number> {
    const ended = purgeBindings(epoch)
    let count = 0
    for (;;) {
      const deleted = await this.#writes.run('purge', () => this.#sql.purge.all(ended))
      this.#tellDeleted(deleted)
      if (deleted.length === 0) return count
      count += deleted.length
      if (deleted.length === PURGE_BATCH) await letOthersIn()
    }
  }

  watch(listener: WatchListener): Watch {
    return this.#feed.watch(listener)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#feed.end()
    this.#connection.close()
  }

  #assertOpen(): void {
    if (this.#closed) throw closed()
  }

  #snapshot<T>(operation: string, read: () => T): Promise<T> {
    return this.#reads.run(operation, () => this.#connection.snapshot(read))
  }

  #transaction<T>(operation: string, write: () => T): Promise<T> {
    return this.#writes.run(operation, () => this.#connection.transaction(write))
  }

  #tellDeleted(rows: readonly Record<string, unknown>[]): void {
    for (const { id } of rows) this.#feed.deleted(fromText(String(id)))
  }

  #find(key: string): SessionRecord | undefined {
    const row = this.#sql.find.get(key) as unknown as SessionRow | undefined
    return row && toRecord(row, this.#memberships(key))
  }

  #memberships(key: string): MembershipRow[] {
    return this.#sql.memberships.all(key) as unknown as MembershipRow[]
  }

  #join(memberships: readonly MembershipBindings[]): void {
    for (const membership of memberships) this.#sql.join.run(...membership)
  }

  #epoch(name: string): GroupEpoch | undefined {
    const row = this.#sql.epoch.get(name) as unknown as EpochRow | undefined
    return row && toEpoch(row)
  }
}

function resolve(path: unknown, given: SqliteStoreOptions): { timeout: number } {
  // Its own properties: what another bug has put on Object.prototype is no option.
  const own = Object.assign(Object.create(null) as SqliteStoreOptions, given)
  const { timeout = 5, ...unknown } = own
  const mistakes = Object.keys(unknown).map((key) => `${key} is not an option`)
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    mistakes.push("path must be the name of a file, or ':memory:'")
  }
  if (!(typeof timeout === 'number' && timeout > 0 && timeout <= MAX_TIMEOUT)) {
    mistakes.push(`timeout must be a number of seconds above 0, at most ${MAX_TIMEOUT}`)
  }
  if (mistakes.length > 0) {
    throw new SessionError('ERR_CONFIG', `sqliteStore: ${mistakes.join('; ')}.`)
  }
  return { timeout }
}

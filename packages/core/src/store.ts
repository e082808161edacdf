import type { GroupEpoch, SessionRecord, SessionSummary } from './record.ts'

/** What a read found: the record, if there is one, and the epochs of the groups asked for. */
export interface StoreRead {
  /** Undefined: there is none of that id. */
  readonly record: SessionRecord | undefined
  /** Only groups that have an epoch are in it. */
  readonly epochs: ReadonlyMap<string, GroupEpoch>
}

/** What a write may change. A field that is not named stays as it is. */
export type SessionChanges = Partial<Omit<SessionRecord, 'id' | 'version'>>

/** A session was seen: its idle timeout moves. */
export interface Touch {
  /** Of the record. */
  readonly id: string
  /** When it was seen. */
  readonly lastSeenAt: Date
  /** The idle timeout's new end. */
  readonly expiresAt: Date
}

/** A new epoch for a group. */
export interface Revocation {
  /** Whose sessions end. */
  readonly group: string
  /** When the revocation was asked for: the lowest that the epoch may be. */
  readonly now: Date
  /** When the epoch document may be removed. */
  readonly expiresAt: Date
  /** The session to spare, where there is one. */
  readonly except?: Exception
}

/** The session that a revocation spares, if it is alive under the epoch that is replaced. */
export interface Exception {
  /** Of its record. */
  readonly id: string
  /** The epoch under which the session is a member of the group. */
  readonly epoch: number | null
  /** Write nothing unless the session is alive under the epoch that would be replaced. */
  readonly required: boolean
}

/**
 * Hears what becomes of sessions, on this node and on others. None of its methods throws, blocks or
 * calls the store before it returns.
 */
export interface WatchListener {
  /**
   * The record is gone.
   *
   * @param id Of the record.
   */
  deleted(id: string): void
  /**
   * The record was written, other than by a touch.
   *
   * @param id Of the record.
   */
  written(id: string): void
  /**
   * The group has a new epoch.
   *
   * @param group Whose sessions have ended.
   */
  revoked(group: string): void
  /**
   * Everything that was acknowledged before `asOf` has been told. Said again and again, several times
   * a second, while the feed is live; the first time, and the first time after `lost`, only what
   * comes from then on is complete.
   *
   * @param asOf A reading of `performance.now()`; `Infinity` from a feed that tells of a change before
   * whoever made it has the answer.
   */
  current(asOf: number): void
  /** Something may have been missed, and may be until the next `current`. */
  lost(): void
}

/** A feed under way. */
export interface Watch {
  /** Ends the feed: the listener hears nothing more. */
  close(): Promise<void>
}

/**
 * The port that a store implements. A store persists; it holds no policy: which session is alive is
 * core's to say.
 *
 * The contract:
 * 1. `insert` alone inserts. It never overwrites.
 * 2. Every other write is conditional on what it changes being there.
 * 3. A promise that resolves means that the store has acknowledged; where there is more than one
 *    node, a majority of them has (a touch excepted).
 * 4. A failure rejects, within a bound; the cause is kept. A failed write may have happened.
 * 5. What is returned is the caller's own: changing it changes nothing in the store.
 * 6. Ids, user ids and groups are any text: literals, never operators or keys.
 */
export interface SessionStore {
  /**
   * The record under `id` (none if `id` is undefined) and the epochs of `groups`. Begins after the
   * call and reads the newest state. Expired records may be returned.
   *
   * @param id Of the record; undefined: only epochs are asked for.
   * @param groups Whose epochs to read.
   * @param options How old the answer may be.
   * @param options.acknowledged Only what no failover can undo any more: how a write whose answer was
   * lost is looked for. It may be a little older. Default: false.
   */
  read(
    id: string | undefined,
    groups: readonly string[],
    options?: { readonly acknowledged?: boolean },
  ): Promise<StoreRead>
  /**
   * Adds a record. False, and nothing changes, if its id is taken.
   *
   * @param record In full.
   */
  insert(record: SessionRecord): Promise<boolean>
  /**
   * Compare and set: applies `changes` and raises the version by one if the record is there, has
   * this version and `expiresAt > now`. `lastSeenAt` and `expiresAt` never move backwards. False,
   * and nothing changes, otherwise.
   *
   * @param id Of the record.
   * @param expected What must hold of the record.
   * @param changes What to write. The version is not among it.
   */
  update(
    id: string,
    expected: { readonly version: number; readonly now: Date },
    changes: SessionChanges,
  ): Promise<boolean>
  /**
   * Moves `lastSeenAt` and `expiresAt` forward, never backwards and never past `endsAt`, of the
   * records that are there and have `expiresAt > now`, whatever their version.
   *
   * @param touches Each of another record, in no order.
   * @param now The time, as core has it.
   */
  touch(touches: readonly Touch[], now: Date): Promise<void>
  /**
   * Deletes the record, if `lastSeenAt` (where given) has not moved. Whether it was there.
   *
   * @param id Of the record.
   * @param expected What must hold of the record. Default: nothing.
   */
  delete(id: string, expected?: { readonly lastSeenAt: Date }): Promise<boolean>
  /**
   * The members of a group with `expiresAt > now`, in no order.
   *
   * @param group Whose members.
   * @param now The time, as core has it.
   */
  list(group: string, now: Date): Promise<SessionSummary[]>
  /**
   * Sets a group's epoch in one atomic write, see {@link nextEpoch}, and resolves to the document
   * as it stands afterwards.
   *
   * @param revocation Whose sessions end, and whom it spares.
   */
  revoke(revocation: Revocation): Promise<GroupEpoch>
  /**
   * Deletes, in bounded batches, the members of the epoch's group whose own epoch is null or lower
   * and who are not kept. Idempotent. The number deleted.
   *
   * @param epoch As `revoke` has returned it.
   */
  purge(epoch: GroupEpoch): Promise<number>
  /**
   * Tells the listener of every deletion, write and revocation from now on, whoever makes it. For
   * stores that can; never rejects or throws: a feed that breaks says `lost` and starts again by
   * itself. Without it, sessions that are watched are looked up twice a second.
   *
   * @param listener Who is told, until the watch is closed.
   */
  watch?(listener: WatchListener): Watch
  /** Lets go of what the store itself opened. Calls after it reject; feeds end. */
  close?(): Promise<void>
}

/**
 * The epoch that a revocation writes over `previous`: it only grows, and keeps the excepted session
 * only if that is alive under what is being replaced, or else a second revocation at the same time
 * would wake a session that the first has ended. For stores that compute it in the process; the
 * read, this and the write must be one transaction.
 *
 * @param previous The document as it stands; undefined: there is none.
 * @param revocation What is asked for.
 */
export function nextEpoch(previous: GroupEpoch | undefined, revocation: Revocation): GroupEpoch {
  const { group, now, expiresAt, except } = revocation
  const keep = except !== undefined && isKept(previous, except) ? [except.id] : []
  if (previous === undefined) return { group, epoch: now.getTime(), keep, expiresAt }
  if (except?.required && keep.length === 0) return previous
  return {
    group,
    epoch: Math.max(now.getTime(), previous.epoch + 1),
    keep,
    // A node whose clock is behind must not shorten the life of what another has written.
    expiresAt: previous.expiresAt > expiresAt ? previous.expiresAt : expiresAt,
  }
}

function isKept(previous: GroupEpoch | undefined, { id, epoch }: Exception): boolean {
  return previous === undefined || previous.epoch === epoch || previous.keep.includes(id)
}

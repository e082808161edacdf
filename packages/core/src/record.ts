import { own } from './check.ts'

/** A session's membership of a group, with the group's epoch when it joined (null: none yet). */
export interface Membership {
  /** The group's name, such as `user:ann`; any text to a store. */
  readonly group: string
  /** The group's epoch when the session joined; null: it had none. */
  readonly epoch: number | null
}

/** What the app chose to say of the device, 4096 characters each. Nothing is collected by default. */
export interface Device {
  /** A name to show, such as `Laptop`. */
  readonly label?: string | undefined
  /** The request's User-Agent header. */
  readonly userAgent?: string | undefined
  /** The client's address; `truncateIp` makes one that tells a network only. */
  readonly ip?: string | undefined
}

/** A session as the store keeps it. The cookie's secret is not in it, only its SHA-256. */
export interface SessionRecord {
  /** Public handle: 128 random bits, base64url. */
  readonly id: string
  /** SHA-256 of the cookie's secret, base64url. */
  readonly secretHash: string
  /** Absent: anonymous. */
  readonly userId?: string
  /** What a revocation can end it by: its user, its tags, its federation, everybody. */
  readonly groups: readonly Membership[]
  /** The session's data as one JSON text. */
  readonly data: string
  /** Grows by one with every write but a touch. */
  readonly version: number
  /** When it was started; a login starts it anew. */
  readonly createdAt: Date
  /** When the user last proved who they are; absent for an anonymous session. */
  readonly authenticatedAt?: Date
  /** When it was last used, as of the last write. */
  readonly lastSeenAt: Date
  /** The idle timeout's end, at most `endsAt`. */
  readonly expiresAt: Date
  /** The absolute timeout's end. */
  readonly endsAt: Date
  /** What the app gave to `create`. */
  readonly device?: Device
}

/** A record without what a list must not show. */
export type SessionSummary = Omit<SessionRecord, 'data' | 'secretHash'>

/** A group's epoch: written only by a revocation. */
export interface GroupEpoch {
  /** The group's name. */
  readonly group: string
  /** Grows within its group: milliseconds since the epoch, or one more than the last. */
  readonly epoch: number
  /** Ids of the sessions that the revocation spared. */
  readonly keep: readonly string[]
  /** When the document may be removed: 400 days after the revocation. */
  readonly expiresAt: Date
}

export type Epochs = ReadonlyMap<string, GroupEpoch>

/** What a record and its epochs say together. */
export type Standing = 'live' | 'expired' | 'revoked'

type Member = Pick<SessionRecord, 'id' | 'groups'>
type Lifetime = Pick<SessionRecord, 'createdAt' | 'expiresAt' | 'endsAt'>

/**
 * The alive rule: for each of its groups there is no epoch, or the epoch is the one the session
 * joined under, or the revocation kept this session.
 */
export function isAlive(member: Member, epochs: Epochs): boolean {
  return member.groups.every(({ group, epoch }) => {
    const current = epochs.get(group)
    return current === undefined || current.epoch === epoch || current.keep.includes(member.id)
  })
}

/**
 * When the session ends if nobody comes back. Today's absolute timeout counts too, so that a
 * shortened one holds for sessions that are older than the change.
 */
export function deadline(record: Lifetime, absoluteTimeout: number): number {
  return Math.min(
    record.expiresAt.getTime(),
    record.endsAt.getTime(),
    record.createdAt.getTime() + absoluteTimeout * 1000,
  )
}

export function standing(
  record: Member & Lifetime,
  epochs: Epochs,
  { now, absoluteTimeout }: { now: number; absoluteTimeout: number },
): Standing {
  if (deadline(record, absoluteTimeout) <= now) return 'expired'
  return isAlive(record, epochs) ? 'live' : 'revoked'
}

/**
 * A copy that shares nothing with the record, for stores that have it in the process. By hand, since
 * structuredClone takes ten times as long. What somebody else has written to the store, and is no
 * record, is left as it is: core refuses it.
 *
 * @param record What to copy.
 */
export function copyRecord(record: SessionRecord): SessionRecord {
  const { authenticatedAt, device, groups } = own(record)
  return {
    ...record,
    groups: areMany(groups) ? groups.map((membership) => ({ ...membership })) : groups,
    createdAt: new Date(record.createdAt),
    ...(authenticatedAt && { authenticatedAt: new Date(authenticatedAt) }),
    lastSeenAt: new Date(record.lastSeenAt),
    expiresAt: new Date(record.expiresAt),
    endsAt: new Date(record.endsAt),
    ...(device && { device: { ...device } }),
  }
}

const areMany = (groups: readonly Membership[]): boolean => Array.isArray(groups)

export function groupNames(record: Pick<SessionRecord, 'groups'>): string[] {
  return record.groups.map(({ group }) => group)
}

const ID = /^[A-Za-z0-9_-]{22}$/

/** Whether a text can be the id of a session; anything else never reaches a store. */
export function isSessionId(id: unknown): id is string {
  return typeof id === 'string' && ID.test(id)
}

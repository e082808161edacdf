import { USER } from './groups.ts'
import type { Membership, SessionRecord, SessionSummary } from './record.ts'
import type { SessionStore, StoreRead } from './store.ts'

/** What the store said, where it can be believed. */
export interface GuardedRead extends StoreRead {
  /** There is something under the id, and it is no record of ours. */
  readonly isTampered?: true
}

/** The store, with its failures as errors of ours, and without what somebody else has written to it. */
export interface GuardedStore extends SessionStore {
  read(...given: Parameters<SessionStore['read']>): Promise<GuardedRead>
}

/**
 * Whether a record is one as core writes it. Somebody else may have written to the store: what is not
 * whole is no session, rather than one that never expires, or whose user nobody has sealed.
 */
export function isGenuine(record: SessionRecord): boolean {
  const { secretHash, data } = record as Unknown<SessionRecord>
  return isText(secretHash) && typeof data === 'string' && isGenuineSummary(record)
}

/** The same of a member of a list. */
export function isGenuineSummary(record: SessionSummary): boolean {
  const {
    version,
    authenticatedAt,
    device = {},
    groups,
    userId,
  } = record as Unknown<SessionSummary>
  const { createdAt, lastSeenAt, expiresAt, endsAt } = record
  return (
    Number.isSafeInteger(version) &&
    [createdAt, lastSeenAt, expiresAt, endsAt, authenticatedAt ?? endsAt].every(isInstant) &&
    typeof device === 'object' &&
    areMemberships(groups) &&
    isMemberOnly(groups, userId)
  )
}

type Unknown<T> = Readonly<Record<keyof T, unknown>>

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''

/** By its shape: the class may be another realm's. */
function isInstant(value: unknown): boolean {
  const { getTime } = Object(value) as Partial<Date>
  return typeof getTime === 'function' && Number.isFinite(getTime.call(value))
}

/** What a record or a fence is to have. */
export function areMemberships(value: unknown): value is Membership[] {
  return Array.isArray(value) && value.every(isMembership)
}

function isMembership(value: unknown): boolean {
  const { group, epoch } = Object(value) as Unknown<Membership>
  return isText(group) && (epoch === null || Number.isFinite(epoch))
}

/** A user is a group too, and the groups are sealed in the cookie: who is signed in cannot be altered. */
function isMemberOnly(groups: readonly Membership[], userId: unknown): boolean {
  const users = groups.filter(({ group }) => group.startsWith(USER))
  if (userId === undefined) return users.length === 0
  return users.length === 1 && isText(userId) && users[0]?.group === `${USER}${userId as string}`
}

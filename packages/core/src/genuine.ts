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
  const { id, version, authenticatedAt, device, groups, userId } = record as Unknown<SessionSummary>
  const { createdAt, lastSeenAt, expiresAt, endsAt } = record
  return (
    isText(id) &&
    Number.isSafeInteger(version) &&
    [createdAt, lastSeenAt, expiresAt, endsAt].every(isInstant) &&
    (authenticatedAt === undefined || isInstant(authenticatedAt)) &&
    (device === undefined || isDevice(device)) &&
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

function isDevice(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).every((fact) => typeof fact === 'string')
}

function areMemberships(value: unknown): value is Membership[] {
  return Array.isArray(value) && value.every(isMembership)
}

function isMembership(value: unknown): boolean {
  const { group, epoch } = Object(value) as Partial<Unknown<Membership>>
  return typeof group === 'string' && (epoch === null || Number.isFinite(epoch))
}

/** A user is a group too, and the groups are sealed in the cookie: who is signed in cannot be altered. */
function isMemberOnly(groups: readonly Membership[], userId: unknown): boolean {
  if (userId !== undefined && !isText(userId)) return false
  const [user, second] = groups.filter(({ group }) => group.startsWith(USER))
  const expected = userId === undefined ? undefined : `${USER}${String(userId)}`
  return user?.group === expected && second === undefined
}

import type {
  Device,
  GroupEpoch,
  Membership,
  SessionChanges,
  SessionRecord,
  SessionSummary,
  Touch,
} from '@adjourn/core'

// Read as bigint: a number that is too large for us would fail the read of all that is beside it.
export interface SummaryRow {
  readonly id: string
  readonly user_id: string | null
  readonly version: bigint
  readonly created_at: bigint
  readonly authenticated_at: bigint | null
  readonly last_seen_at: bigint
  readonly expires_at: bigint
  readonly ends_at: bigint
  readonly device: string | null
}

export interface SessionRow extends SummaryRow {
  readonly secret_hash: string
  readonly data: string
}

export interface MembershipRow {
  readonly group_name: string
  readonly epoch: bigint | null
}

export interface EpochRow {
  readonly group_name: string
  readonly epoch: number
  readonly keep: string
  readonly expires_at: number
}

/** Parameters by name. */
type Bindings<Name extends string> = Readonly<Record<Name, string | number | null>>

/**
 * A text that may hold anything, as a column keeps it: as it would stand within the quotes of JSON.
 * Node 22 ends a text that it reads at the first NUL, and `ann\0` would come back as `ann`.
 */
export const toText = (text: string): string => JSON.stringify(text).slice(1, -1)

/** A text that is none of ours is left as it is: core refuses it, and all beside it is not lost. */
export const fromText = (column: string): string =>
  (parsed(`"${column}"`) as string | undefined) ?? column

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

const toTexts = (texts: readonly string[]): string => JSON.stringify(texts.map(toText))

export type MembershipBindings = readonly [
  id: string,
  position: number,
  group: string,
  epoch: number | null,
]

export function membershipBindings(
  id: string,
  groups: readonly Membership[],
): MembershipBindings[] {
  return groups.map(({ group, epoch }, position) => [toText(id), position, toText(group), epoch])
}

export type Fields =
  | 'secretHash'
  | 'userId'
  | 'createdAt'
  | 'authenticatedAt'
  | 'lastSeenAt'
  | 'expiresAt'
  | 'endsAt'
  | 'device'
  | 'data'

/** What is not named is null. */
function fieldBindings(fields: SessionChanges): Bindings<Fields> {
  return {
    secretHash: fields.secretHash ?? null,
    userId: orNull(fields.userId, toText),
    createdAt: orNull(fields.createdAt, toInstant),
    authenticatedAt: orNull(fields.authenticatedAt, toInstant),
    lastSeenAt: orNull(fields.lastSeenAt, toInstant),
    expiresAt: orNull(fields.expiresAt, toInstant),
    endsAt: orNull(fields.endsAt, toInstant),
    device: orNull(fields.device, JSON.stringify),
    data: fields.data ?? null,
  }
}

const orNull = <T, Column>(value: T | undefined, column: (value: T) => Column): Column | null =>
  value === undefined ? null : column(value)

const toInstant = (date: Date): number => date.getTime()

export function recordBindings(record: SessionRecord): Bindings<Fields | 'id' | 'version'> {
  return { ...fieldBindings(record), id: toText(record.id), version: record.version }
}

export function updateBindings(
  id: string,
  { version, now }: { readonly version: number; readonly now: Date },
  changes: SessionChanges,
): Bindings<Fields | 'id' | 'version' | 'now'> {
  return { ...fieldBindings(changes), id: toText(id), version, now: now.getTime() }
}

export function touchBindings(
  { id, lastSeenAt, expiresAt }: Touch,
  now: Date,
): Bindings<'id' | 'lastSeenAt' | 'expiresAt' | 'now'> {
  return {
    id: toText(id),
    lastSeenAt: lastSeenAt.getTime(),
    expiresAt: expiresAt.getTime(),
    now: now.getTime(),
  }
}

export function epochBindings({
  group,
  epoch,
  keep,
  expiresAt,
}: GroupEpoch): Bindings<'group' | 'epoch' | 'keep' | 'expiresAt'> {
  return { group: toText(group), epoch, keep: toTexts(keep), expiresAt: expiresAt.getTime() }
}

export function purgeBindings({
  group,
  epoch,
  keep,
}: GroupEpoch): Bindings<'group' | 'epoch' | 'keep'> {
  return { group: toText(group), epoch, keep: toTexts(keep) }
}

export function toRecord(row: SessionRow, memberships: readonly MembershipRow[]): SessionRecord {
  return { ...toSummary(row, memberships), secretHash: row.secret_hash, data: row.data }
}

export function toSummary(row: SummaryRow, memberships: readonly MembershipRow[]): SessionSummary {
  return {
    id: fromText(row.id),
    ...(row.user_id !== null && { userId: fromText(row.user_id) }),
    groups: memberships.map(toMembership),
    version: Number(row.version),
    createdAt: toDate(row.created_at),
    ...(row.authenticated_at !== null && { authenticatedAt: toDate(row.authenticated_at) }),
    lastSeenAt: toDate(row.last_seen_at),
    expiresAt: toDate(row.expires_at),
    endsAt: toDate(row.ends_at),
    ...(row.device !== null && { device: deviceOf(row.device) }),
  }
}

function deviceOf(json: string): Device {
  const device: unknown = parsed(json) ?? json
  return device as Device
}

function toMembership({ group_name, epoch }: MembershipRow): Membership {
  return { group: fromText(group_name), epoch: epoch === null ? null : Number(epoch) }
}

const toDate = (instant: bigint): Date => new Date(Number(instant))

export function toEpoch(row: EpochRow): GroupEpoch {
  return {
    group: fromText(row.group_name),
    epoch: row.epoch,
    keep: (JSON.parse(row.keep) as string[]).map(fromText),
    expiresAt: new Date(row.expires_at),
  }
}

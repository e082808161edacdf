import assert from 'node:assert/strict'
import type { GroupEpoch, Revocation, SessionRecord, SessionStore } from '../index.ts'

/** A way to make the store fail as it would in an outage. */
export interface StoreFault {
  /** From here on, until `end`, the store cannot reach its data. */
  begin(): Promise<void>
  /** The outage is over. */
  end(): Promise<void>
}

/** A store for one case of the suite. */
export interface StoreUnderTest {
  /** The store, open. */
  readonly store: SessionStore
  /** Called after the case, passed or failed. */
  close?(): Promise<void>
  /** Where it is absent, the clauses on outages are tried on a closed store only. */
  readonly fault?: StoreFault
}

/** What a case works with: the store, and names that no other case or run has used. */
export interface Subject extends StoreUnderTest {
  /** A new session id, of the form that core gives. */
  id(): string
  /** A new group. */
  group(): string
  /** A new record that is live at `NOW` and a member of a group of its own. Frozen. */
  record(fields?: Partial<SessionRecord>): SessionRecord
}

/** A rule of the contract and how it is tried. Numbers are for good: one that is dropped stays free. */
export interface Clause {
  readonly id: `S${number}`
  readonly text: string
  readonly check: (subject: Subject) => Promise<void>
}

export const clause = (
  id: Clause['id'],
  text: string,
  check: (subject: Subject) => Promise<void>,
): Clause => ({ id, text, check })

export const SECOND = 1000
export const HOUR: number = 3600 * SECOND
export const DAY: number = 24 * HOUR

// Far enough that no database's expiry monitor takes away what a case has expire.
const START = Date.parse('2060-02-29T23:59:59.123Z')

/** The instant of the suite, moved by so many milliseconds. */
export const at = (offset: number): Date => new Date(START + offset)

export const NOW: Date = at(0)

/** Instants around an end, and whether a session that ends then is still there. */
export const AROUND_THE_END = [
  { when: 'one millisecond before', offset: -1, live: true },
  { when: 'at', offset: 0, live: false },
  { when: 'one millisecond after', offset: 1, live: false },
] as const

function unique(): string {
  // oxlint-disable-next-line no-restricted-properties -- no secret: names that no run repeats
  return crypto.randomUUID().replaceAll('-', '')
}

const newId = (): string => unique().slice(0, 22)
const newGroup = (): string => `group:${unique()}`

export function createSubject(under: StoreUnderTest): Subject {
  return {
    ...under,
    id: newId,
    group: newGroup,
    record: (fields) =>
      freeze({
        id: newId(),
        secretHash: `hash-${unique()}`,
        userId: 'ann',
        groups: [{ group: newGroup(), epoch: null }],
        data: '{"count":1}',
        version: 1,
        createdAt: at(-HOUR),
        authenticatedAt: at(-HOUR),
        lastSeenAt: at(-600 * SECOND),
        expiresAt: at(HOUR),
        endsAt: at(23 * HOUR),
        ...fields,
      }),
  }
}

/** A revocation at `NOW`, frozen: a store has no business in its arguments. */
export function revocation(group: string, fields: Partial<Revocation> = {}): Revocation {
  return freeze({ group, now: NOW, expiresAt: at(400 * DAY), ...fields })
}

/** An exception for a revocation that is written in any case. */
export const sparing = (
  id: string,
  epoch: number | null,
): { except: NonNullable<Revocation['except']> } => ({ except: { id, epoch, required: false } })

/** An exception for a revocation that is written only if the session is alive. */
export const requiring = (
  id: string,
  epoch: number | null,
): { except: NonNullable<Revocation['except']> } => ({ except: { id, epoch, required: true } })

export function freeze<T extends object>(value: T): T {
  for (const inner of Object.values(value) as unknown[]) {
    if (typeof inner === 'object' && inner !== null) freeze(inner)
  }
  return Object.freeze(value)
}

export async function insert(
  store: SessionStore,
  ...records: readonly SessionRecord[]
): Promise<void> {
  const AT_ONCE = 250
  for (let start = 0; start < records.length; start += AT_ONCE) {
    const batch = records.slice(start, start + AT_ONCE)
    const inserted = await Promise.all(batch.map((record) => store.insert(record)))
    assert.ok(inserted.every(Boolean), 'insert takes a record with a new id')
  }
}

export async function find(store: SessionStore, id: string): Promise<SessionRecord | undefined> {
  const { record } = await store.read(id, [])
  return record
}

export async function assertStored(
  store: SessionStore,
  expected: SessionRecord,
  message?: string,
): Promise<void> {
  assert.deepStrictEqual(await find(store, expected.id), expected, message)
}

export async function assertGone(store: SessionStore, id: string, message?: string): Promise<void> {
  assert.equal(await find(store, id), undefined, message ?? 'there is no record')
}

export async function findEpoch(
  store: SessionStore,
  group: string,
): Promise<GroupEpoch | undefined> {
  const { epochs } = await store.read(undefined, [group])
  return epochs.get(group)
}

export async function listIds(
  store: SessionStore,
  group: string,
  now: Date = NOW,
): Promise<string[]> {
  const members = await store.list(group, now)
  return members.map(({ id }) => id).toSorted()
}

export const count = <T>(length: number, make: (index: number) => T): T[] =>
  Array.from({ length }, (_, index) => make(index))

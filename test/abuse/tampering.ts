/** What somebody may write over a field of a record, and records so written. */
import type { SessionRecord } from '@adjourn/core'
import * as fc from 'fast-check'

export type Field = Exclude<keyof SessionRecord, 'id'>

export const FIELDS: readonly Field[] = [
  'secretHash',
  'userId',
  'groups',
  'data',
  'version',
  'createdAt',
  'authenticatedAt',
  'lastSeenAt',
  'expiresAt',
  'endsAt',
  'device',
]

/** Stands for a field that was taken away. */
export const MISSING: unique symbol = Symbol('missing')

export const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    MISSING,
    null,
    undefined,
    '',
    'x',
    0,
    -1,
    1e300,
    Number.NaN,
    Infinity,
    2 ** 53,
    true,
    [],
    {},
    [null],
    new Date(Number.NaN),
    new Date(8.64e15),
    new Date(-8.64e15),
    [{ group: 7, epoch: null }],
    [{ group: 'everyone', epoch: 'x' }],
    [{ group: 'everyone', epoch: Number.NaN }],
    [{ group: 'user:eve', epoch: null }],
    JSON.parse('{"__proto__":{"polluted":true}}') as unknown,
    '{"__proto__":{"polluted":true}}',
    '{"adjourn:flash":7}',
    '{"adjourn:flash":{"__proto__":1}',
    '[]',
    'null',
    '{"a":',
    '['.repeat(100_000),
  ),
  fc.anything({ withDate: true, withNullPrototype: true, withBigInt: false }),
)

export function tampered(record: SessionRecord, field: Field, value: unknown): SessionRecord {
  const { [field]: _taken, ...rest } = record
  return value === MISSING ? (rest as SessionRecord) : { ...record, [field]: value }
}

import assert from 'node:assert/strict'
import type { Device, SessionRecord } from '../index.ts'
import {
  assertGone,
  assertStored,
  at,
  clause,
  find,
  findEpoch,
  HOUR,
  insert,
  NOW,
  revocation,
  sparing,
  type Clause,
  type Subject,
} from './store-subject.ts'

const MEGABYTE = 1024 * 1024
const NESTED = 150

/** A store keeps these letter by letter: to parse them and print them again is not the same. */
const DATA: Readonly<Record<string, string>> = {
  'empty object': '{}',
  'empty key and values': '{"":"","a":[],"b":{},"c":null}',
  'deep nesting': `${'{"a":['.repeat(NESTED)}${']}'.repeat(NESTED)}`,
  'keys of prototypes': '{"__proto__":{"admin":true},"constructor":{"prototype":{}},"toString":1}',
  'operators and paths': '{"$set":{"a":1},"$where":"1","a.b":{"c.d":"$data"},".":1,"$":2}',
  'order of keys': '{"b":1,"a":2,"10":3,"9":4}',
  'keys given twice': '{"a":1,"a":2}',
  numbers: '[1.0,-0,1e21,5e-324,0.1,12345678901234567890,1.7976931348623157e308]',
  'white space': ' { "a" : 1 ,\n\t"b":2 }\r\n',
  escapes: '{"a":"\\u0000\\ud800\\u00e9\\/\\\\\\"","b":"\\n"}',
  Unicode:
    '{"é":"e\u0301","漢":"\u{1f600}\u{10ffff}","rtl":"\u202e\u05d0","odd":"\u2028\ufeff\u007f"}',
  quotes: `{"a":"'; DROP TABLE sessions; --","b":"\`$(id)\`"}`,
  'a megabyte': JSON.stringify({ text: 'x'.repeat(MEGABYTE) }),
  // 4 Mi UTF-16 units are the most that core writes.
  'the most, three bytes each': JSON.stringify({ text: '漢'.repeat(4 * MEGABYTE - 11) }),
}

const DEVICES: readonly Device[] = [
  {},
  { label: 'Ann’s “phone” \u{1f4f1}' },
  { userAgent: '', ip: '2001:db8::1' },
  { label: '$ip', userAgent: '{"$gt":""}', ip: '\0' },
]

/** Equal to an operator, a key of a prototype, a pattern or each other only to a careless store. */
export const HOSTILE: readonly string[] = [
  '$ne',
  '$$ROOT',
  '{"$gt":""}',
  '$data',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'null',
  'undefined',
  '[object Object]',
  '0',
  '-0',
  '00',
  '*',
  '%',
  '_',
  '.*',
  'a.b',
  'a/b\\c',
  '../../etc/passwd',
  `' OR '1'='1`,
  '"; DROP TABLE sessions; --',
  'ann',
  'Ann',
  'ann ',
  ' ann',
  'ann\n',
  'ann\0',
  '\0',
  'user:ann',
  '\u00e9',
  'e\u0301',
  '\ufb01',
  'fi',
  '\u202eann',
  '\u{1f600}',
  '\u{1f601}',
  'x'.repeat(10_000),
  'x'.repeat(10_001),
]

export const fidelityClauses: readonly Clause[] = [
  ...Object.entries(DATA).map(([what, data]) =>
    clause('S55', `data comes back as the text it was: ${what}`, async (subject) => {
      const record = subject.record({ data })
      await insert(subject.store, record)
      await assertStored(subject.store, record, 'inserted')
      const other = subject.record()
      await insert(subject.store, other)
      await subject.store.update(other.id, { version: 1, now: NOW }, { data })
      await assertStored(subject.store, { ...other, data, version: 2 }, 'updated')
    }),
  ),
  clause('S56', 'dates come back to the millisecond', async (subject) => {
    const dates: Partial<SessionRecord>[] = [
      { createdAt: new Date(0), authenticatedAt: new Date(1), lastSeenAt: new Date(999) },
      { createdAt: new Date(-1), lastSeenAt: new Date('1999-12-31T23:59:59.999Z') },
      { expiresAt: at(1), endsAt: at(2) },
      { expiresAt: new Date('2106-02-07T06:28:16.001Z'), endsAt: new Date(8.64e15) },
    ]
    const records = dates.map((fields) => subject.record(fields))
    await insert(subject.store, ...records)
    for (const record of records) await assertStored(subject.store, record)
  }),
  clause('S57', 'optional fields come back, and absent ones stay absent', async (subject) => {
    const { userId: _user, authenticatedAt: _at, ...anonymous } = subject.record({ groups: [] })
    const devices = DEVICES.map((device) => subject.record({ device }))
    await insert(subject.store, anonymous, ...devices)
    for (const record of [anonymous, ...devices]) await assertStored(subject.store, record)
    await subject.store.update(anonymous.id, { version: 1, now: NOW }, { data: '{}' })
    await assertStored(subject.store, { ...anonymous, data: '{}', version: 2 })
  }),
]

export const hostileClauses: readonly Clause[] = [
  clause('S58', 'ids are literals, whatever is in them', async (subject) => {
    const records = HOSTILE.map((id) => subject.record({ id, data: JSON.stringify({ id }) }))
    for (const { id } of records) await subject.store.delete(id)
    try {
      for (const { id } of records) await assertGone(subject.store, id, brief(id))
      for (const record of records) await liveUnder(subject, record)
      for (const { id } of records) assert.equal(await subject.store.delete(id), true, brief(id))
    } finally {
      await Promise.all(HOSTILE.map((id) => subject.store.delete(id)))
    }
  }),
  clause('S59', 'user ids and groups are literals, whatever is in them', async (subject) => {
    const { store } = subject
    const records = HOSTILE.map((text) =>
      subject.record({ userId: text, groups: [{ group: text, epoch: null }] }),
    )
    await insert(store, ...records)
    const ids = new Set(records.map(({ id }) => id))
    const alive = new Set(ids)
    // Others may have used these names in the same database: only what is this case's own counts.
    const own = async (group: string): Promise<string[]> =>
      (await store.list(group, NOW)).map(({ id }) => id).filter((id) => ids.has(id))
    for (const [index, group] of HOSTILE.entries()) {
      const { id } = records[index] ?? subject.record()
      assert.deepStrictEqual(await own(group), [id], brief(group))
      const before = await findEpoch(store, group)
      const revoked = await store.revoke(revocation(group))
      assert.equal(revoked.group, group)
      assert.ok(revoked.epoch > (before?.epoch ?? 0))
      assert.deepStrictEqual(await findEpoch(store, group), revoked, brief(group))
      await store.purge(revoked)
      alive.delete(id)
      const found = await Promise.all(records.map((record) => find(store, record.id)))
      const left = found.flatMap((record) => record ?? [])
      assert.deepStrictEqual(new Set(left.map((record) => record.id)), alive, brief(group))
    }
    const { epochs } = await store.read(undefined, HOSTILE)
    for (const group of HOSTILE) assert.equal(epochs.get(group)?.group, group, brief(group))
    assert.equal(epochs.size, HOSTILE.length)
  }),
  clause('S60', 'no id of a session reaches an epoch', async (subject) => {
    const { store } = subject
    const group = subject.group()
    const epoch = await store.revoke(revocation(group))
    for (const id of [group, `epoch:${group}`, `epoch/${group}`, `epochs.${group}`]) {
      await assertGone(store, id)
      const moved = { lastSeenAt: at(HOUR), expiresAt: at(10_000 * 24 * HOUR) }
      await store.touch([{ id, ...moved }], NOW)
      for (const version of [0, 1, epoch.epoch]) {
        assert.equal(await store.update(id, { version, now: NOW }, moved), false)
      }
      assert.equal(await store.delete(id), false)
      assert.deepStrictEqual(await findEpoch(store, group), epoch)
    }
  }),
]

/** Every operation on one record, by its id; a revocation and a purge spare it. */
async function liveUnder({ store }: Subject, record: SessionRecord): Promise<void> {
  const { id } = record
  assert.equal(await store.insert(record), true, brief(id))
  assert.equal(await store.insert(record), false, brief(id))
  assert.equal(await store.update(id, { version: 1, now: NOW }, { userId: id }), true, brief(id))
  const seen = { lastSeenAt: NOW, expiresAt: at(2 * HOUR) }
  await store.touch([{ id, ...seen }], NOW)
  const written = { ...record, ...seen, userId: id, version: 2 }
  await assertStored(store, written, brief(id))
  const group = record.groups[0]?.group ?? ''
  await store.revoke(revocation(group, sparing(id, null)))
  const epoch = await store.revoke(revocation(group, sparing(id, null)))
  assert.deepStrictEqual(epoch.keep, [id], 'kept, and kept again')
  assert.equal(await store.purge(epoch), 0)
  await assertStored(store, written, brief(id))
}

const brief = (text: string): string => JSON.stringify(text.slice(0, 40))

import assert from 'node:assert/strict'
import {
  AROUND_THE_END,
  at,
  assertGone,
  assertStored,
  clause,
  count,
  find,
  freeze,
  HOUR,
  insert,
  listIds,
  NOW,
  SECOND,
  type Clause,
} from './store-subject.ts'

export const insertClauses: readonly Clause[] = [
  clause('S1', 'insert adds a record, and read returns it as it was', async (subject) => {
    const record = subject.record()
    await assertGone(subject.store, record.id)
    assert.equal(await subject.store.insert(record), true)
    await assertStored(subject.store, record)
  }),
  clause('S2', 'insert refuses an id that is taken and overwrites nothing', async (subject) => {
    const record = subject.record()
    await insert(subject.store, record)
    const other = subject.record({ id: record.id, userId: 'eve', data: '{}', version: 7 })
    assert.equal(await subject.store.insert(other), false)
    await assertStored(subject.store, record)
    assert.equal(await subject.store.insert(record), false, 'nor the same record twice')
  }),
  clause('S3', 'of parallel inserts under one id exactly one succeeds', async (subject) => {
    const id = subject.id()
    const records = count(16, (index) => subject.record({ id, data: `{"index":${index}}` }))
    const inserted = await Promise.all(records.map((record) => subject.store.insert(record)))
    const winners = records.filter((_, index) => inserted[index])
    assert.equal(winners.length, 1)
    assert.deepStrictEqual(await find(subject.store, id), winners[0])
  }),
]

export const updateClauses: readonly Clause[] = [
  clause('S4', 'update changes the fields named and no others', async (subject) => {
    const record = subject.record({ device: { label: 'Laptop' } })
    const other = subject.record()
    await insert(subject.store, record, other)
    const first = freeze({ data: '{"count":2}', lastSeenAt: NOW, expiresAt: at(2 * HOUR) })
    const { id } = record
    assert.equal(await subject.store.update(id, { version: 1, now: NOW }, first), true)
    await assertStored(subject.store, { ...record, ...first, version: 2 })
    const login = freeze({
      secretHash: 'new-hash',
      userId: 'bob',
      groups: [{ group: subject.group(), epoch: 5 }],
      createdAt: NOW,
      authenticatedAt: NOW,
      endsAt: at(24 * HOUR),
      device: { userAgent: 'Test/1.0', ip: '192.0.2.1' },
    })
    assert.equal(await subject.store.update(id, { version: 2, now: NOW }, login), true)
    await assertStored(subject.store, { ...record, ...first, ...login, version: 3 })
    await assertStored(subject.store, other, 'other records stay as they are')
  }),
  clause('S5', 'update raises the version by exactly one', async (subject) => {
    for (const version of [1, 41, 2 ** 31 - 1, 2 ** 32]) {
      const record = subject.record({ version })
      await insert(subject.store, record)
      assert.equal(await subject.store.update(record.id, { version, now: NOW }, {}), true)
      await assertStored(subject.store, { ...record, version: version + 1 })
    }
  }),
  clause('S6', 'update changes nothing unless the version is the expected one', async (subject) => {
    const record = subject.record({ version: 5 })
    await insert(subject.store, record)
    for (const version of [0, 4, 6]) {
      const expected = { version, now: NOW }
      assert.equal(await subject.store.update(record.id, expected, { data: '{}' }), false)
    }
    await assertStored(subject.store, record)
  }),
  clause('S7', 'of parallel updates with one version exactly one wins', async (subject) => {
    const record = subject.record()
    await insert(subject.store, record)
    const updated = await Promise.all(
      count(32, (index) =>
        subject.store.update(record.id, { version: 1, now: NOW }, { data: `{"by":${index}}` }),
      ),
    )
    const winners = updated.flatMap((won, index) => (won ? [index] : []))
    assert.equal(winners.length, 1)
    const [winner] = winners
    await assertStored(subject.store, { ...record, data: `{"by":${winner}}`, version: 2 })
  }),
  clause('S8', 'update of an id that is not there inserts nothing', async (subject) => {
    const never = subject.id()
    const deleted = subject.record()
    await insert(subject.store, deleted)
    await subject.store.delete(deleted.id)
    const { id: _id, version: _version, ...fields } = deleted
    for (const id of [never, deleted.id]) {
      assert.equal(await subject.store.update(id, { version: 1, now: NOW }, fields), false)
      await assertGone(subject.store, id)
    }
    const [membership] = deleted.groups
    assert.deepStrictEqual(await listIds(subject.store, membership?.group ?? ''), [])
  }),
  ...AROUND_THE_END.map(({ when, offset, live }) =>
    clause('S9', `update needs expiresAt > now: ${when} the end`, async (subject) => {
      const record = subject.record()
      await insert(subject.store, record)
      const expected = { version: 1, now: at(HOUR + offset) }
      const changes = { data: '{}', expiresAt: at(3 * HOUR) }
      assert.equal(await subject.store.update(record.id, expected, changes), live)
      await assertStored(subject.store, live ? { ...record, ...changes, version: 2 } : record)
    }),
  ),
  clause('S10', 'update moves lastSeenAt and expiresAt forward only', async (subject) => {
    const record = subject.record()
    await insert(subject.store, record)
    const back = { lastSeenAt: at(-HOUR), expiresAt: at(60 * SECOND), data: '{"count":2}' }
    const { id } = record
    assert.equal(await subject.store.update(id, { version: 1, now: NOW }, back), true)
    const written = { ...record, data: back.data, version: 2 }
    await assertStored(subject.store, written)
    const mixed = { lastSeenAt: NOW, expiresAt: at(0) }
    assert.equal(await subject.store.update(id, { version: 2, now: NOW }, mixed), true)
    await assertStored(subject.store, { ...written, lastSeenAt: NOW, version: 3 }, 'each by itself')
  }),
  clause(
    'S11',
    'update replaces the groups: list and purge go by the new ones',
    async (subject) => {
      const [left, joined] = [subject.group(), subject.group()]
      const record = subject.record({ groups: [{ group: left, epoch: null }] })
      await insert(subject.store, record)
      const groups = [{ group: joined, epoch: 7 }]
      await subject.store.update(record.id, { version: 1, now: NOW }, { groups })
      assert.deepStrictEqual(await listIds(subject.store, left), [])
      assert.deepStrictEqual(await listIds(subject.store, joined), [record.id])
      const epoch = { epoch: 7, keep: [], expiresAt: at(HOUR) }
      assert.equal(await subject.store.purge({ ...epoch, group: left }), 0)
      assert.equal(await subject.store.purge({ ...epoch, group: joined }), 0)
      assert.equal(await subject.store.purge({ ...epoch, group: joined, epoch: 8 }), 1)
    },
  ),
]

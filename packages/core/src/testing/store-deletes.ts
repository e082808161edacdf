import assert from 'node:assert/strict'
import {
  assertGone,
  assertStored,
  at,
  clause,
  count,
  HOUR,
  insert,
  listIds,
  NOW,
  type Clause,
} from './store-subject.ts'

export const deleteClauses: readonly Clause[] = [
  clause('S19', 'delete says whether the record was there, and is idempotent', async (subject) => {
    const [record, other] = [subject.record(), subject.record()]
    await insert(subject.store, record, other)
    assert.equal(await subject.store.delete(record.id), true)
    await assertGone(subject.store, record.id)
    assert.equal(await subject.store.delete(record.id), false)
    assert.equal(await subject.store.delete(subject.id()), false)
    await assertStored(subject.store, other)
  }),
  clause('S20', 'delete with lastSeenAt spares a record that was seen since', async (subject) => {
    const record = subject.record()
    await insert(subject.store, record)
    const { id, lastSeenAt } = record
    for (const offset of [-1, 1]) {
      const moved = new Date(lastSeenAt.getTime() + offset)
      assert.equal(await subject.store.delete(id, { lastSeenAt: moved }), false)
    }
    await assertStored(subject.store, record)
    await subject.store.touch([{ id, lastSeenAt: NOW, expiresAt: at(2 * HOUR) }], NOW)
    assert.equal(await subject.store.delete(id, { lastSeenAt }), false, 'touched meanwhile')
    assert.equal(await subject.store.delete(id, { lastSeenAt: NOW }), true)
    await assertGone(subject.store, id)
    assert.equal(await subject.store.delete(id, { lastSeenAt: NOW }), false)
  }),
  clause('S21', 'of parallel deletes exactly one says true', async (subject) => {
    const record = subject.record()
    await insert(subject.store, record)
    const deleted = await Promise.all(count(16, () => subject.store.delete(record.id)))
    assert.equal(deleted.filter(Boolean).length, 1)
  }),
  clause('S22', 'delete takes an expired record too', async (subject) => {
    const record = subject.record({ expiresAt: at(-HOUR) })
    await insert(subject.store, record)
    assert.equal(await subject.store.delete(record.id), true)
    await assertGone(subject.store, record.id)
  }),
  clause('S23', 'no update or touch in flight outlives a delete', async (subject) => {
    const group = subject.group()
    const records = count(40, () => subject.record({ groups: [{ group, epoch: null }] }))
    await insert(subject.store, ...records)
    const end = async (id: string, turn: number): Promise<void> => {
      const writes = [
        () => subject.store.update(id, { version: 1, now: NOW }, { data: '{"late":true}' }),
        () => subject.store.touch([{ id, lastSeenAt: NOW, expiresAt: at(2 * HOUR) }], NOW),
        () => subject.store.delete(id),
      ]
      const order = [...writes.slice(turn), ...writes.slice(0, turn)]
      await Promise.all(order.map((write) => write()))
      await assertGone(subject.store, id)
    }
    await Promise.all(records.map(({ id }, index) => end(id, index % 3)))
    assert.deepStrictEqual(await listIds(subject.store, group), [])
  }),
]

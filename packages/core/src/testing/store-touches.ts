import assert from 'node:assert/strict'
import type { Touch } from '../index.ts'
import {
  AROUND_THE_END,
  assertGone,
  assertStored,
  at,
  clause,
  count,
  freeze,
  HOUR,
  insert,
  listIds,
  NOW,
  SECOND,
  type Clause,
} from './store-subject.ts'

/** A touch of its own for each session. */
const seenAt = (index: number): Omit<Touch, 'id'> => ({
  lastSeenAt: at(index),
  expiresAt: at(2 * HOUR + index),
})

export const touchClauses: readonly Clause[] = [
  clause('S12', 'touch moves lastSeenAt and expiresAt and nothing else', async (subject) => {
    const record = subject.record({ version: 5, device: { label: 'Phone' } })
    const other = subject.record()
    await insert(subject.store, record, other)
    const seen = { lastSeenAt: NOW, expiresAt: at(2 * HOUR) }
    await subject.store.touch(freeze([{ id: record.id, ...seen }]), NOW)
    await assertStored(subject.store, { ...record, ...seen })
    await assertStored(subject.store, other)
  }),
  clause('S13', 'touch never moves backwards', async (subject) => {
    const record = subject.record()
    await insert(subject.store, record)
    const { id } = record
    const touch = (lastSeenAt: Date, expiresAt: Date): Promise<void> =>
      subject.store.touch([{ id, lastSeenAt, expiresAt }], NOW)
    await touch(at(-HOUR), at(SECOND))
    await assertStored(subject.store, record)
    await touch(NOW, at(SECOND))
    await assertStored(subject.store, { ...record, lastSeenAt: NOW }, 'each by itself')
    await touch(at(-HOUR), at(2 * HOUR))
    await assertStored(subject.store, { ...record, lastSeenAt: NOW, expiresAt: at(2 * HOUR) })
  }),
  clause('S14', 'touch moves expiresAt at most to endsAt', async (subject) => {
    const record = subject.record({ endsAt: at(90 * 60 * SECOND) })
    await insert(subject.store, record)
    const { id, endsAt } = record
    for (const expiresAt of [endsAt, at(48 * HOUR)]) {
      await subject.store.touch([{ id, lastSeenAt: NOW, expiresAt }], NOW)
      await assertStored(subject.store, { ...record, lastSeenAt: NOW, expiresAt: endsAt })
    }
  }),
  ...AROUND_THE_END.map(({ when, offset, live }) =>
    clause('S15', `touch needs expiresAt > now: ${when} the end`, async (subject) => {
      const record = subject.record()
      await insert(subject.store, record)
      const now = at(HOUR + offset)
      const seen = { lastSeenAt: now, expiresAt: at(2 * HOUR) }
      await subject.store.touch([{ id: record.id, ...seen }], now)
      await assertStored(subject.store, live ? { ...record, ...seen } : record)
    }),
  ),
  clause('S16', 'touch of an id that is not there inserts nothing', async (subject) => {
    const never = subject.id()
    const deleted = subject.record()
    await insert(subject.store, deleted)
    await subject.store.delete(deleted.id)
    for (const id of [never, deleted.id]) {
      await subject.store.touch([{ id, lastSeenAt: NOW, expiresAt: at(2 * HOUR) }], NOW)
      await assertGone(subject.store, id)
    }
    const [membership] = deleted.groups
    assert.deepStrictEqual(await listIds(subject.store, membership?.group ?? ''), [])
  }),
  clause('S17', 'one touch takes none or many, dead ones among them', async (subject) => {
    await subject.store.touch([], NOW)
    const records = count(300, () => subject.record())
    const expired = subject.record({ expiresAt: at(-1) })
    await insert(subject.store, ...records, expired)
    const unknown = count(3, () => subject.id())
    const touches = [...unknown, ...records.map(({ id }) => id), expired.id].map((id, index) => ({
      id,
      ...seenAt(index),
    }))
    await subject.store.touch(freeze(touches), NOW)
    await Promise.all([
      ...records.map((record, index) =>
        assertStored(subject.store, { ...record, ...seenAt(index + unknown.length) }),
      ),
      ...unknown.map((id) => assertGone(subject.store, id)),
      assertStored(subject.store, expired),
    ])
  }),
  clause('S18', 'a touch makes no update fail, and none undoes the other', async (subject) => {
    const records = count(20, () => subject.record())
    await insert(subject.store, ...records)
    const seen = { lastSeenAt: NOW, expiresAt: at(2 * HOUR) }
    await Promise.all(
      records.map(async (record, index) => {
        const { id } = record
        const touch = (): Promise<void> => subject.store.touch([{ id, ...seen }], NOW)
        const update = (): Promise<boolean> =>
          subject.store.update(id, { version: 1, now: NOW }, { data: '{}' })
        const [first, second] = index % 2 === 0 ? [touch, update] : [update, touch]
        const answers = await Promise.all([first(), second()])
        assert.ok(answers.includes(true), 'the update wins')
        await assertStored(subject.store, { ...record, ...seen, data: '{}', version: 2 })
      }),
    )
  }),
]

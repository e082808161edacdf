import assert from 'node:assert/strict'
import type { GroupEpoch, SessionRecord } from '../index.ts'
import {
  assertGone,
  assertStored,
  at,
  clause,
  count,
  DAY,
  find,
  HOUR,
  insert,
  listIds,
  NOW,
  freeze,
  type Clause,
  type Subject,
} from './store-subject.ts'

const EPOCH = NOW.getTime()

const epochOf = (group: string, keep: readonly string[] = []): GroupEpoch =>
  freeze({ group, epoch: EPOCH, keep: [...keep], expiresAt: at(400 * DAY) })

const member = (subject: Subject, group: string, epoch: number | null): SessionRecord =>
  subject.record({ groups: [{ group, epoch }] })

export const purgeClauses: readonly Clause[] = [
  clause(
    'S39',
    'purge deletes members whose epoch is null or lower, and counts',
    async (subject) => {
      const group = subject.group()
      const ended = [null, 0, 1, EPOCH - 1].map((epoch) => member(subject, group, epoch))
      const expired = subject.record({ groups: [{ group, epoch: null }], expiresAt: at(-HOUR) })
      await insert(subject.store, ...ended, expired)
      assert.equal(await subject.store.purge(epochOf(group)), ended.length + 1)
      for (const { id } of [...ended, expired]) await assertGone(subject.store, id)
    },
  ),
  clause('S40', 'purge spares members whose epoch is equal or higher', async (subject) => {
    const group = subject.group()
    const innocent = [EPOCH, EPOCH + 1, EPOCH + DAY].map((epoch) => member(subject, group, epoch))
    await insert(subject.store, ...innocent)
    assert.equal(await subject.store.purge(epochOf(group)), 0)
    for (const record of innocent) await assertStored(subject.store, record)
  }),
  clause('S41', 'purge spares the kept', async (subject) => {
    const group = subject.group()
    const [ended, ...kept] = [null, null, 1].map((epoch) => member(subject, group, epoch))
    assert.ok(ended !== undefined)
    await insert(subject.store, ended, ...kept)
    const epoch = epochOf(
      group,
      kept.map(({ id }) => id),
    )
    assert.equal(await subject.store.purge(epoch), 1)
    await assertGone(subject.store, ended.id)
    for (const record of kept) await assertStored(subject.store, record)
  }),
  clause('S42', 'purge goes by the epoch in its own group only', async (subject) => {
    const [group, other] = [subject.group(), subject.group()]
    const spared = [
      member(subject, other, null),
      subject.record({ groups: [] }),
      subject.record({
        groups: [
          { group: other, epoch: 1 },
          { group, epoch: EPOCH },
        ],
      }),
    ]
    const ended = subject.record({
      groups: [
        { group, epoch: 1 },
        { group: other, epoch: EPOCH },
      ],
    })
    await insert(subject.store, ...spared, ended)
    assert.equal(await subject.store.purge(epochOf(group)), 1)
    await assertGone(subject.store, ended.id)
    for (const record of spared) await assertStored(subject.store, record)
  }),
  clause('S43', 'purge is idempotent, and leaves the epoch where it is', async (subject) => {
    const group = subject.group()
    await insert(subject.store, ...count(3, () => member(subject, group, null)))
    const { store } = subject
    const epoch = await store.revoke({ group, now: NOW, expiresAt: at(400 * DAY) })
    assert.equal(await store.purge(epoch), 3)
    assert.equal(await store.purge(epoch), 0)
    const { epochs } = await store.read(undefined, [group])
    assert.deepStrictEqual(epochs.get(group), epoch)
    assert.equal(await store.purge(epochOf(subject.group())), 0, 'nor is an empty group an error')
  }),
  clause('S44', 'purge takes them all, however many', async (subject) => {
    const group = subject.group()
    const ended = count(2500, (index) => member(subject, group, index % 2 === 0 ? null : index))
    const [kept, innocent] = [member(subject, group, null), member(subject, group, EPOCH)]
    await insert(subject.store, kept, ...ended, innocent)
    assert.equal(await subject.store.purge(epochOf(group, [kept.id])), ended.length)
    const left = await listIds(subject.store, group)
    assert.deepStrictEqual(left, [kept.id, innocent.id].toSorted())
  }),
  clause('S45', 'a login during a purge is innocent', async (subject) => {
    const group = subject.group()
    await insert(subject.store, ...count(300, () => member(subject, group, null)))
    const logins = count(40, () => member(subject, group, EPOCH))
    const [purged] = await Promise.all([
      subject.store.purge(epochOf(group)),
      insert(subject.store, ...logins),
    ])
    assert.equal(purged, 300)
    assert.deepStrictEqual(
      await listIds(subject.store, group),
      logins.map(({ id }) => id).toSorted(),
    )
  }),
  clause('S46', 'parallel purges delete each record once', async (subject) => {
    const group = subject.group()
    const records = count(300, () => member(subject, group, null))
    await insert(subject.store, ...records)
    const purged = await Promise.all(count(4, () => subject.store.purge(epochOf(group))))
    assert.equal(
      purged.reduce((sum, each) => sum + each, 0),
      records.length,
    )
    const found = await Promise.all(records.map(({ id }) => find(subject.store, id)))
    assert.ok(found.every((record) => record === undefined))
  }),
]

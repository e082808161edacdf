import assert from 'node:assert/strict'
import {
  AROUND_THE_END,
  at,
  clause,
  count,
  HOUR,
  insert,
  listIds,
  NOW,
  type Clause,
} from './store-subject.ts'

export const listClauses: readonly Clause[] = [
  clause('S47', 'list answers the members of the group and nobody else', async (subject) => {
    const [group, other] = [subject.group(), subject.group()]
    const members = [
      subject.record({ groups: [{ group, epoch: null }] }),
      subject.record({ groups: [{ group, epoch: 5 }] }),
      subject.record({
        groups: [
          { group: other, epoch: null },
          { group, epoch: null },
        ],
      }),
    ]
    const strangers = [
      subject.record({ groups: [{ group: other, epoch: null }] }),
      subject.record({ groups: [], userId: group }),
    ]
    await insert(subject.store, ...members, ...strangers)
    const expected = members.map(({ id }) => id).toSorted()
    assert.deepStrictEqual(await listIds(subject.store, group), expected)
    assert.deepStrictEqual(await listIds(subject.store, subject.group()), [])
  }),
  ...AROUND_THE_END.map(({ when, offset, live }) =>
    clause('S48', `list needs expiresAt > now: ${when} the end`, async (subject) => {
      const group = subject.group()
      const record = subject.record({ groups: [{ group, epoch: null }] })
      await insert(subject.store, record)
      const expected = live ? [record.id] : []
      assert.deepStrictEqual(await listIds(subject.store, group, at(HOUR + offset)), expected)
    }),
  ),
  clause('S49', 'list shows all of a record but data and secretHash', async (subject) => {
    const group = subject.group()
    const groups = [{ group, epoch: 5 }]
    const full = subject.record({ groups, device: { label: 'Phone', ip: '192.0.2.7' } })
    const { userId: _user, authenticatedAt: _at, ...anonymous } = subject.record({ groups })
    for (const record of [full, anonymous]) {
      await insert(subject.store, record)
      const { data: _data, secretHash: _secretHash, ...summary } = record
      const members = await subject.store.list(group, NOW)
      const listed = members.find(({ id }) => id === record.id)
      assert.deepStrictEqual(listed, summary)
    }
  }),
  clause('S50', 'list is up to date and complete, however many there are', async (subject) => {
    const group = subject.group()
    const records = count(1200, () => subject.record({ groups: [{ group, epoch: null }] }))
    await insert(subject.store, ...records)
    const [deleted, touched] = records
    assert.ok(deleted !== undefined && touched !== undefined)
    await subject.store.delete(deleted.id)
    const seen = { lastSeenAt: NOW, expiresAt: at(2 * HOUR) }
    await subject.store.touch([{ id: touched.id, ...seen }], NOW)
    const members = await subject.store.list(group, NOW)
    const expected = records.slice(1).map(({ id }) => id)
    assert.deepStrictEqual(members.map(({ id }) => id).toSorted(), expected.toSorted())
    assert.deepStrictEqual(members.find(({ id }) => id === touched.id)?.lastSeenAt, NOW)
  }),
]

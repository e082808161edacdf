import assert from 'node:assert/strict'
import {
  assertStored,
  at,
  clause,
  count,
  DAY,
  findEpoch,
  HOUR,
  insert,
  NOW,
  revocation,
  SECOND,
  type Clause,
} from './store-subject.ts'

export const readClauses: readonly Clause[] = [
  clause('S24', 'one read answers the record and the epochs of the groups', async (subject) => {
    const [first, second, third] = count(3, () => subject.group())
    assert.ok(first !== undefined && second !== undefined && third !== undefined)
    const record = subject.record({ groups: [{ group: first, epoch: null }] })
    await insert(subject.store, record)
    const one = await subject.store.revoke(revocation(first))
    const two = await subject.store.revoke(revocation(second))
    const expected = new Map([
      [first, one],
      [second, two],
    ])
    const groups = Object.freeze([first, third, second, first])
    const read = await subject.store.read(record.id, groups)
    assert.deepStrictEqual(read.record, record)
    assert.deepStrictEqual(new Map(read.epochs), expected)
    const epochsOnly = await subject.store.read(undefined, groups)
    assert.equal(epochsOnly.record, undefined)
    assert.deepStrictEqual(new Map(epochsOnly.epochs), expected)
    const noSuchRecord = await subject.store.read(subject.id(), [second])
    assert.equal(noSuchRecord.record, undefined)
    assert.deepStrictEqual(new Map(noSuchRecord.epochs), new Map([[second, two]]))
    const nothing = await subject.store.read(undefined, [])
    assert.equal(nothing.record, undefined)
    assert.equal(nothing.epochs.size, 0, 'only of the groups asked for')
  }),
  clause('S25', 'parallel reads do not mix up their answers', async (subject) => {
    const records = count(60, () => subject.record())
    await insert(subject.store, ...records)
    const groups = records.map(({ groups: [membership] }) => membership?.group ?? '')
    const revoked = groups.filter((_, index) => index % 3 === 0)
    await Promise.all(revoked.map((group) => subject.store.revoke(revocation(group))))
    const reads = await Promise.all(
      records.map(({ id }, index) =>
        subject.store.read(index % 4 === 0 ? undefined : id, groups.slice(index, index + 2)),
      ),
    )
    for (const [index, { record, epochs }] of reads.entries()) {
      assert.deepStrictEqual(record, index % 4 === 0 ? undefined : records[index])
      const expected = groups.slice(index, index + 2).filter((group) => revoked.includes(group))
      assert.deepStrictEqual([...epochs.keys()].toSorted(), expected.toSorted())
      for (const [group, epoch] of epochs) assert.equal(epoch.group, group)
    }
  }),
  clause('S64', 'an acknowledged read finds what was acknowledged before', async (subject) => {
    const { store } = subject
    const group = subject.group()
    const record = subject.record({ groups: [{ group, epoch: null }] })
    const acknowledged = (): ReturnType<typeof store.read> =>
      store.read(record.id, [group], { acknowledged: true })
    assert.equal((await acknowledged()).record, undefined)
    await insert(store, record)
    assert.deepStrictEqual((await acknowledged()).record, record)
    await store.update(record.id, { version: 1, now: NOW }, { data: '{}' })
    const epoch = await store.revoke(revocation(group))
    const read = await acknowledged()
    assert.deepStrictEqual(read.record, { ...record, data: '{}', version: 2 })
    assert.deepStrictEqual(new Map(read.epochs), new Map([[group, epoch]]))
    await store.delete(record.id)
    assert.equal((await acknowledged()).record, undefined)
  }),
]

export const epochClauses: readonly Clause[] = [
  clause('S26', 'a group has no epoch until its first revocation', async (subject) => {
    const [group, other] = [subject.group(), subject.group()]
    await insert(subject.store, subject.record({ groups: [{ group, epoch: null }] }))
    assert.equal(await findEpoch(subject.store, group), undefined)
    const revoked = await subject.store.revoke(revocation(group))
    const expected = { group, epoch: NOW.getTime(), keep: [], expiresAt: at(400 * DAY) }
    assert.deepStrictEqual(revoked, expected)
    assert.deepStrictEqual(await findEpoch(subject.store, group), expected)
    assert.equal(await findEpoch(subject.store, other), undefined, 'other groups have none')
  }),
  clause('S27', 'revoke writes the epoch and leaves the records alone', async (subject) => {
    const group = subject.group()
    const record = subject.record({ groups: [{ group, epoch: null }] })
    await insert(subject.store, record)
    await subject.store.revoke(revocation(group))
    await assertStored(subject.store, record)
  }),
  clause('S28', 'an epoch is max(now, previous + 1), whatever the clock does', async (subject) => {
    const group = subject.group()
    const start = NOW.getTime()
    const clock = [
      { now: NOW, epoch: start, why: 'the first is the time' },
      { now: NOW, epoch: start + 1, why: 'the clock stands still' },
      { now: at(-HOUR), epoch: start + 2, why: 'the clock went back' },
      { now: at(2), epoch: start + 3, why: 'the clock shows what the epoch is already' },
      { now: at(SECOND), epoch: start + SECOND, why: 'the clock is ahead again' },
    ]
    for (const [index, { now, epoch, why }] of clock.entries()) {
      const expiresAt = at(400 * DAY + index)
      const revoked = await subject.store.revoke(revocation(group, { now, expiresAt }))
      assert.deepStrictEqual(revoked, { group, epoch, keep: [], expiresAt }, why)
      assert.deepStrictEqual(await findEpoch(subject.store, group), revoked)
    }
  }),
  clause('S63', 'an epoch’s expiresAt never moves backwards', async (subject) => {
    const group = subject.group()
    for (const [days, expected] of [
      [400, 400],
      [300, 400],
      [401, 401],
    ] as const) {
      const expiresAt = at(days * DAY)
      const revoked = await subject.store.revoke(revocation(group, { expiresAt }))
      assert.deepStrictEqual(revoked.expiresAt, at(expected * DAY))
      assert.deepStrictEqual(await findEpoch(subject.store, group), revoked)
    }
  }),
  clause('S29', 'parallel revocations get different epochs, none skipped', async (subject) => {
    const group = subject.group()
    // The second round finds an epoch, the first has to make it.
    for (const round of [0, 1]) {
      const revoked = await Promise.all(count(20, () => subject.store.revoke(revocation(group))))
      const epochs = revoked.map(({ epoch }) => epoch).toSorted((a, b) => a - b)
      const expected = count(20, (index) => NOW.getTime() + round * 20 + index)
      assert.deepStrictEqual(epochs, expected)
      assert.equal((await findEpoch(subject.store, group))?.epoch, expected.at(-1))
    }
  }),
  clause('S30', 'readers see the epoch grow, never fall', async (subject) => {
    const group = subject.group()
    const seen: number[] = []
    const watch = async (): Promise<void> => {
      for (let reads = 0; reads < 20; reads++) {
        seen.push((await findEpoch(subject.store, group))?.epoch ?? 0)
      }
    }
    const revoke = async (): Promise<void> => {
      for (let round = 0; round < 10; round++) {
        const now = at(round % 2 === 0 ? -round : round)
        const { epoch } = await subject.store.revoke(revocation(group, { now }))
        const current = await findEpoch(subject.store, group)
        assert.ok(current !== undefined && current.epoch >= epoch, 'a revocation shows at once')
      }
    }
    await Promise.all([watch(), revoke(), revoke(), revoke()])
    assert.deepStrictEqual(
      seen,
      seen.toSorted((a, b) => a - b),
    )
  }),
]

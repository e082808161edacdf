import assert from 'node:assert/strict'
import {
  at,
  clause,
  count,
  DAY,
  findEpoch,
  NOW,
  requiring,
  revocation,
  SECOND,
  sparing,
  type Clause,
  type Subject,
} from './store-subject.ts'

/** Revocations with both kinds of exception: what keeps a session does not depend on the kind. */
const KINDS = [
  { kind: 'optional', except: sparing },
  { kind: 'required', except: requiring },
]

export const keepClauses: readonly Clause[] = [
  clause('S31', 'a group without an epoch: the exception is kept', async (subject) => {
    for (const { kind, except } of KINDS) {
      const [group, id] = [subject.group(), subject.id()]
      const revoked = await subject.store.revoke(revocation(group, except(id, null)))
      const expiresAt = at(400 * DAY)
      const expected = { group, epoch: NOW.getTime(), keep: [id], expiresAt }
      assert.deepStrictEqual(revoked, expected, kind)
      assert.deepStrictEqual(await findEpoch(subject.store, group), expected)
    }
  }),
  clause('S32', 'alive under the epoch replaced: the exception is kept', async (subject) => {
    for (const { kind, except } of KINDS) {
      const [group, id] = [subject.group(), subject.id()]
      const { epoch } = await subject.store.revoke(revocation(group))
      const revoked = await subject.store.revoke(revocation(group, except(id, epoch)))
      assert.deepStrictEqual(revoked.keep, [id], kind)
      assert.equal(revoked.epoch, epoch + 1)
    }
  }),
  clause('S33', 'kept by the revocation replaced: the exception is kept again', async (subject) => {
    for (const { kind, except } of KINDS) {
      const [group, id] = [subject.group(), subject.id()]
      for (const round of [0, 1, 2]) {
        const revoked = await subject.store.revoke(revocation(group, except(id, null)))
        assert.deepStrictEqual(revoked.keep, [id], kind)
        assert.equal(revoked.epoch, NOW.getTime() + round)
      }
    }
  }),
  clause('S34', 'a dead exception is not kept, and the revocation happens', async (subject) => {
    const group = subject.group()
    const first = await subject.store.revoke(revocation(group))
    const second = await subject.store.revoke(revocation(group))
    // Of before the first epoch; of one that was replaced since; of one that never was.
    for (const [index, epoch] of [null, first.epoch, second.epoch + 100].entries()) {
      const revoked = await subject.store.revoke(revocation(group, sparing(subject.id(), epoch)))
      assert.deepStrictEqual(revoked.keep, [])
      assert.equal(revoked.epoch, second.epoch + 1 + index)
      assert.deepStrictEqual(await findEpoch(subject.store, group), revoked)
    }
  }),
  clause('S35', 'a dead exception that is required: nothing is written', async (subject) => {
    const [group, kept] = [subject.group(), subject.id()]
    await subject.store.revoke(revocation(group))
    const standing = await subject.store.revoke(revocation(group, sparing(kept, NOW.getTime())))
    assert.deepStrictEqual(standing.keep, [kept])
    for (const epoch of [null, NOW.getTime()]) {
      const later = { now: at(SECOND), expiresAt: at(500 * DAY) }
      const revoked = await subject.store.revoke(
        revocation(group, { ...later, ...requiring(subject.id(), epoch) }),
      )
      assert.deepStrictEqual(revoked, standing, 'it resolves to what stands')
      assert.deepStrictEqual(await findEpoch(subject.store, group), standing)
    }
  }),
  clause('S36', 'a revocation without exception keeps nobody any more', async (subject) => {
    const group = subject.group()
    await subject.store.revoke(revocation(group, sparing(subject.id(), null)))
    const revoked = await subject.store.revoke(revocation(group))
    assert.deepStrictEqual(revoked.keep, [])
    assert.deepStrictEqual(await findEpoch(subject.store, group), revoked)
  }),
  clause('S37', 'of parallel required exceptions exactly one is kept', async (subject) => {
    for (const rivals of [2, 2, 2, 8]) {
      await oneOfManyIsKept(subject, rivals, { revokedBefore: false })
      await oneOfManyIsKept(subject, rivals, { revokedBefore: true })
    }
  }),
  clause('S38', 'a required exception does not outlive a revocation of all', async (subject) => {
    for (let round = 0; round < 10; round++) {
      const [group, id] = [subject.group(), subject.id()]
      const others = (): Promise<unknown> =>
        subject.store.revoke(revocation(group, requiring(id, null)))
      const all = (): Promise<unknown> => subject.store.revoke(revocation(group))
      const [first, second] = round % 2 === 0 ? [others, all] : [all, others]
      await Promise.all([first(), second()])
      assert.deepStrictEqual((await findEpoch(subject.store, group))?.keep, [])
    }
  }),
]

/** All rivals are alive at first, and each wants to be the last one. */
async function oneOfManyIsKept(
  { store, ...subject }: Subject,
  rivals: number,
  { revokedBefore }: { revokedBefore: boolean },
): Promise<void> {
  const group = subject.group()
  const epoch = revokedBefore ? (await store.revoke(revocation(group))).epoch : null
  const ids = count(rivals, () => subject.id())
  const answers = await Promise.all(
    ids.map((id) => store.revoke(revocation(group, requiring(id, epoch)))),
  )
  const winners = ids.filter((id, index) => answers[index]?.keep.includes(id))
  assert.equal(winners.length, 1, 'one is told that it was kept')
  const standing = await findEpoch(store, group)
  assert.deepStrictEqual(standing?.keep, winners)
  assert.equal(standing?.epoch, NOW.getTime() + (revokedBefore ? 1 : 0), 'one has written')
}

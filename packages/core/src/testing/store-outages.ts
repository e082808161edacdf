import assert from 'node:assert/strict'
import type { SessionError, SessionRecord, SessionStore } from '../index.ts'
import {
  assertGone,
  assertStored,
  at,
  clause,
  findEpoch,
  HOUR,
  insert,
  listIds,
  NOW,
  revocation,
  type Clause,
} from './store-subject.ts'

export const outageClauses: readonly Clause[] = [
  clause('S61', 'in an outage every call rejects, and nothing changes', async (subject) => {
    const { store, fault } = subject
    if (fault === undefined) return
    const [record, added] = [subject.record(), subject.record()]
    const group = record.groups[0]?.group ?? ''
    await insert(store, record)
    await fault.begin()
    await assertAllReject(everyCall(store, record, added))
    await fault.end()
    await assertStored(store, record)
    await assertGone(store, added.id)
    assert.equal(await findEpoch(store, group), undefined)
    assert.deepStrictEqual(await listIds(store, group), [record.id])
    assert.equal(await store.delete(record.id), true, 'and it works again')
  }),
  clause('S62', 'after close every call rejects; close again is no error', async (subject) => {
    const { store } = subject
    if (store.close === undefined) return
    const [record, added] = [subject.record(), subject.record()]
    await insert(store, record)
    await store.close()
    await assertAllReject(everyCall(store, record, added))
    await store.close()
    await assertAllReject(everyCall(store, record, added))
  }),
]

type Calls = Readonly<Record<string, () => Promise<unknown>>>

/** Each operation of the port, as one that would change something. */
function everyCall(store: SessionStore, record: SessionRecord, added: SessionRecord): Calls {
  const { id } = record
  const group = record.groups[0]?.group ?? ''
  const seen = { lastSeenAt: NOW, expiresAt: at(2 * HOUR) }
  return {
    read: () => store.read(id, [group]),
    insert: () => store.insert(added),
    update: () => store.update(id, { version: 1, now: NOW }, { data: '{}' }),
    touch: () => store.touch([{ id, ...seen }], NOW),
    delete: () => store.delete(id),
    list: () => store.list(group, NOW),
    revoke: () => store.revoke(revocation(group)),
    purge: () => store.purge({ group, epoch: NOW.getTime(), keep: [], expiresAt: at(HOUR) }),
  }
}

async function assertAllReject(calls: Calls): Promise<void> {
  await Promise.all(
    Object.entries(calls).map(([operation, call]) =>
      assert.rejects(call, isOutage, `${operation} rejects`),
    ),
  )
}

// By name and code: the store may come with another copy of core.
function isOutage(error: unknown): boolean {
  assert.ok(error instanceof Error && error.name === 'SessionError', String(error))
  assert.equal((error as SessionError).code, 'ERR_STORE_UNAVAILABLE')
  return true
}

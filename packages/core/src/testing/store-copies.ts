import assert from 'node:assert/strict'
import type { GroupEpoch, SessionRecord } from '../index.ts'
import {
  assertStored,
  at,
  clause,
  DAY,
  findEpoch,
  HOUR,
  insert,
  NOW,
  revocation,
  sparing,
  type Clause,
  type Subject,
} from './store-subject.ts'

const DEVICE = { label: 'Laptop', userAgent: 'Test/1.0', ip: '192.0.2.1' }

/** Overwrites everything that can be reached: texts, numbers, dates, members of arrays. */
function vandalize(value: object): void {
  if (value instanceof Date) value.setTime(0)
  if (value instanceof Map || value instanceof Set) {
    for (const inner of value.values()) if (isObject(inner)) vandalize(inner)
    value.clear()
  }
  for (const [key, inner] of Object.entries(value) as [string, unknown][]) {
    if (isObject(inner)) vandalize(inner)
    else Reflect.set(value, key, 'vandalized')
  }
  if (Array.isArray(value)) value.push('vandalized')
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** A record that may be changed, and a frozen twin to compare with. */
function twins(subject: Subject): { loose: SessionRecord; frozen: SessionRecord } {
  const frozen = subject.record({ device: DEVICE })
  return { loose: structuredClone(frozen), frozen }
}

export const copyClauses: readonly Clause[] = [
  clause('S51', 'what was handed in is not kept: insert and update', async (subject) => {
    const { loose, frozen } = twins(subject)
    await insert(subject.store, loose)
    vandalize(loose)
    await assertStored(subject.store, frozen, 'insert')
    const changes = {
      groups: [{ group: subject.group(), epoch: 3 }],
      lastSeenAt: new Date(NOW),
      expiresAt: at(2 * HOUR),
      endsAt: at(20 * HOUR),
      device: { label: 'Phone' },
    }
    const written = { ...frozen, ...structuredClone(changes), version: 2 }
    const expected = { version: 1, now: new Date(NOW) }
    assert.equal(await subject.store.update(frozen.id, expected, changes), true)
    vandalize(changes)
    vandalize(expected)
    await assertStored(subject.store, written, 'update')
  }),
  clause('S52', 'what was handed in is not kept: touch and revoke', async (subject) => {
    const { frozen } = twins(subject)
    await insert(subject.store, frozen)
    const touches = [{ id: frozen.id, lastSeenAt: new Date(NOW), expiresAt: at(2 * HOUR) }]
    await subject.store.touch(touches, NOW)
    vandalize(touches)
    const seen = { lastSeenAt: NOW, expiresAt: at(2 * HOUR) }
    await assertStored(subject.store, { ...frozen, ...seen })
    const [group, id] = [subject.group(), subject.id()]
    const loose = structuredClone(revocation(group, sparing(id, null)))
    await subject.store.revoke(loose)
    vandalize(loose)
    const expected = { group, epoch: NOW.getTime(), keep: [id], expiresAt: at(400 * DAY) }
    assert.deepStrictEqual(await findEpoch(subject.store, group), expected)
  }),
  clause('S53', 'what a call returns is the caller’s own', async (subject) => {
    const { frozen } = twins(subject)
    await insert(subject.store, frozen)
    const group = frozen.groups[0]?.group ?? ''
    const revoked = await subject.store.revoke(revocation(group, sparing(frozen.id, null)))
    const epoch: GroupEpoch = structuredClone(revoked)
    vandalize(revoked)
    vandalize(await subject.store.read(frozen.id, [group]))
    vandalize(await subject.store.list(group, NOW))
    await assertStored(subject.store, frozen)
    assert.deepStrictEqual(await findEpoch(subject.store, group), epoch)
    const { data: _data, secretHash: _secretHash, ...summary } = frozen
    assert.deepStrictEqual(await subject.store.list(group, NOW), [summary])
  }),
  clause('S54', 'callers of parallel reads share nothing', async (subject) => {
    const { frozen } = twins(subject)
    await insert(subject.store, frozen)
    const group = frozen.groups[0]?.group ?? ''
    const epoch = await subject.store.revoke(revocation(group, sparing(frozen.id, null)))
    const read = () => subject.store.read(frozen.id, [group])
    const answers = await Promise.all([read(), read(), read()])
    for (const { record, epochs } of answers) {
      assert.deepStrictEqual(record, frozen)
      assert.deepStrictEqual(epochs.get(group), epoch)
      vandalize({ record, epochs })
    }
  }),
]

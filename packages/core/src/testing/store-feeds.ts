import assert from 'node:assert/strict'
import type { SessionRecord } from '../index.ts'
import { attach, listen, type Listening } from './store-listening.ts'
import {
  at,
  clause,
  count,
  freeze,
  HOUR,
  insert,
  NOW,
  requiring,
  revocation,
  sparing,
  type Clause,
  type Subject,
} from './store-subject.ts'
import { HOSTILE } from './store-texts.ts'

export const noFeedClauses: readonly Clause[] = [
  clause('S65', 'it has no feed, as the suite was told', async ({ store }) => {
    assert.ok(store.watch === undefined)
  }),
]

/** A clause that listens from the beginning. */
const feedClause = (
  id: Clause['id'],
  text: string,
  check: (subject: Subject, listening: Listening) => Promise<void>,
): Clause =>
  clause(id, text, async (subject) => {
    const listening = await listen(subject.store)
    try {
      await check(subject, listening)
    } finally {
      await listening.close()
    }
  })

const SEEN = { lastSeenAt: NOW, expiresAt: at(2 * HOUR) }

const wait = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))

const writes: readonly Clause[] = [
  feedClause('S67', 'an insert and an update are told', async ({ store, ...subject }, heard) => {
    const record = subject.record()
    const { id } = record
    await insert(store, record)
    assert.deepStrictEqual(await heard.told(id), [`written ${id}`])
    await store.update(id, { version: 1, now: NOW }, { data: '{}' })
    assert.deepStrictEqual(await heard.told(id), [`written ${id}`])
    await store.update(id, { version: 2, now: NOW }, {})
    assert.deepStrictEqual(await heard.told(id), [`written ${id}`], 'of the version alone, too')
  }),
  feedClause('S68', 'a delete is told', async ({ store, ...subject }, heard) => {
    const records = [subject.record(), subject.record(), subject.record({ expiresAt: at(-HOUR) })]
    await insert(store, ...records)
    const ids = records.map(({ id }) => id)
    await heard.told()
    for (const [index, { id, lastSeenAt }] of records.entries()) {
      assert.equal(await store.delete(id, index === 1 ? { lastSeenAt } : undefined), true)
      assert.deepStrictEqual(await heard.told(...ids), [`deleted ${id}`])
    }
  }),
  feedClause('S69', 'a purge is told: each that it deletes', async (subject, heard) => {
    const { store } = subject
    const group = subject.group()
    const member = (epoch: number | null): SessionRecord =>
      subject.record({ groups: [{ group, epoch }] })
    const ended = count(1100, (index) => member(index % 2 === 0 ? null : index))
    const [kept, innocent] = [member(null), member(NOW.getTime())]
    await insert(store, kept, ...ended, innocent)
    await heard.told()
    const epoch = { group, epoch: NOW.getTime(), keep: [kept.id], expiresAt: at(HOUR) }
    assert.equal(await store.purge(freeze(epoch)), ended.length)
    const told = await heard.told(kept.id, innocent.id, ...ended.map(({ id }) => id))
    assert.deepStrictEqual(told, ended.map(({ id }) => `deleted ${id}`).toSorted())
  }),
  feedClause('S70', 'a revocation is told', async ({ store, ...subject }, heard) => {
    const [group, id] = [subject.group(), subject.id()]
    const revocations = [
      revocation(group, requiring(id, null)),
      revocation(group, requiring(id, null)),
      revocation(group, sparing(subject.id(), null)),
      revocation(group),
    ]
    for (const each of revocations) {
      await store.revoke(each)
      assert.deepStrictEqual(await heard.told(group, id), [`revoked ${group}`])
    }
  }),
]

const silences: readonly Clause[] = [
  feedClause('S71', 'a touch is not told', async ({ store, ...subject }, heard) => {
    const record = subject.record()
    const { id } = record
    await insert(store, record)
    await heard.told()
    await store.touch([{ id, ...SEEN }], NOW)
    assert.deepStrictEqual(await heard.told(id), [])
  }),
  feedClause('S72', 'what was refused is not told', async ({ store, ...subject }, heard) => {
    const [record, expired] = [subject.record(), subject.record({ expiresAt: at(-1) })]
    const [never, group] = [subject.id(), subject.group()]
    await insert(store, record, expired)
    await heard.told()
    const changes = { data: '{}' }
    const moved = { lastSeenAt: NOW }
    assert.equal(await store.insert({ ...record, ...changes }), false)
    for (const id of [record.id, expired.id, never]) {
      const version = id === record.id ? 2 : 1
      assert.equal(await store.update(id, { version, now: NOW }, changes), false)
    }
    await store.touch([{ id: never, ...SEEN }], NOW)
    assert.equal(await store.delete(never), false)
    assert.equal(await store.delete(record.id, moved), false)
    const epoch = { epoch: NOW.getTime(), keep: [], expiresAt: at(HOUR) }
    assert.equal(await store.purge({ ...epoch, group }), 0)
    assert.deepStrictEqual(await heard.told(record.id, expired.id, never, group), [])
  }),
  feedClause('S73', 'a revocation not written is not told', async (subject, heard) => {
    const { store } = subject
    const group = subject.group()
    await store.revoke(revocation(group))
    await heard.told()
    await store.revoke(revocation(group, requiring(subject.id(), null)))
    assert.deepStrictEqual(await heard.told(group), [])
  }),
]

const ends: readonly Clause[] = [
  feedClause('S75', 'each who watches is told, until it closes its own', async (subject, stays) => {
    const { store } = subject
    const leaves = await listen(store)
    const [first, second] = [subject.record(), subject.record()]
    const ids = [first.id, second.id]
    await insert(store, first)
    const told = [await stays.told(...ids), await leaves.told(...ids)]
    assert.deepStrictEqual(told, [[`written ${first.id}`], [`written ${first.id}`]])
    await leaves.close()
    await leaves.close()
    const heardUpTo = leaves.toldUpTo()
    await insert(store, second)
    assert.deepStrictEqual(await stays.told(...ids), [`written ${second.id}`])
    assert.equal(leaves.toldUpTo(), heardUpTo, 'not even that it is current')
    assert.deepStrictEqual(leaves.heard(...ids), [])
  }),
  clause('S76', 'after close of the store no feed is current', async ({ store }) => {
    if (store.close === undefined) return
    const before = await listen(store)
    await store.close()
    const closedAt = performance.now()
    const after = attach(store)
    // Long enough for a feed that goes on to say so.
    await wait(600)
    for (const listening of [before, after]) assert.ok(listening.toldUpTo() <= closedAt)
    await before.close()
    await after.close()
  }),
  feedClause('S77', 'after an outage it is current again by itself', async (subject, heard) => {
    const { store, fault } = subject
    if (fault === undefined) return
    const { id } = subject.record()
    await fault.begin()
    await assert.rejects(store.read(id, []))
    await fault.end()
    await heard.recovered()
    await insert(store, subject.record({ id }))
    assert.equal(await store.delete(id), true)
    assert.deepStrictEqual(await heard.told(id), [`deleted ${id}`, `written ${id}`])
  }),
]

/** Of a store that says that it is current at least a few times a second. */
export const feedClauses: readonly Clause[] = [
  clause('S65', 'it has a feed, as the suite was told', async ({ store }) => {
    assert.ok(typeof store.watch === 'function')
  }),
  feedClause('S66', 'it says again and again that it is current', async (_subject, heard) => {
    for (let turn = 0; turn < 3; turn++) assert.deepStrictEqual(await heard.told(), [])
  }),
  ...writes,
  ...silences,
  feedClause('S74', 'ids and groups are told as they are', async ({ store, ...subject }, heard) => {
    for (const id of HOSTILE) await store.delete(id)
    await heard.told()
    for (const id of HOSTILE) await store.insert(subject.record({ id }))
    for (const id of HOSTILE) await store.delete(id)
    for (const group of HOSTILE) await store.revoke(revocation(group))
    const kinds = ['deleted', 'revoked', 'written']
    const expected = kinds.flatMap((kind) => HOSTILE.map((text) => `${kind} ${text}`))
    assert.deepStrictEqual(await heard.told(...HOSTILE), expected.toSorted())
  }),
  ...ends,
]

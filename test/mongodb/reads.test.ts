import { mongoStore } from '@adjourn/mongodb'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { name, NOW, record, revocation } from '../support/records.ts'
import { watchedClient } from './support.ts'
import type { WatchedClient } from './support.ts'

describe('reads of the MongoDB store', () => {
  let mongo: WatchedClient

  beforeEach(async () => {
    mongo = await watchedClient(inject('mongodbUri'))
  })

  afterEach(async () => {
    await mongo[Symbol.asyncDispose]()
  })

  it('fetches a record and its epochs in one round trip', async () => {
    const store = mongoStore(mongo.db)
    const groups = ['everyone', name('user'), name('tag')]
    const session = record({ groups: groups.map((group) => ({ group, epoch: null })) })
    await store.insert(session)
    for (const group of groups) await store.revoke(revocation(group))
    mongo.forget()
    const read = await store.read(session.id, groups)
    expect(read.record).toEqual(session)
    expect(read.epochs.size).toBe(3)
    expect(mongo.commands('find')).toHaveLength(1)
    expect(mongo.commands('getMore')).toHaveLength(0)
  })

  it('looks for a write whose answer was lost where a majority has it', async () => {
    const store = mongoStore(mongo.db)
    const session = record()
    await store.insert(session)
    mongo.forget()
    const read = await store.read(session.id, [], { acknowledged: true })
    expect(read.record).toEqual(session)
    expect(mongo.commands('find')).toMatchObject([{ readConcern: { level: 'majority' } }])
  })

  it('puts no more into a query than fits, so that one reader does not fail another', async () => {
    const store = mongoStore(mongo.db)
    const session = record()
    await store.insert(session)
    mongo.forget()
    const many = Array.from({ length: 1999 }, (_, at) => `${at}`.padEnd(2000, '\u20ac'))
    const [read] = await Promise.all([store.read(session.id, ['everyone']), store.read('a', many)])
    expect(read.record).toEqual(session)
    expect(mongo.commands('find')).toHaveLength(2)
  })

  it('sends reads that arrive together as one query', async () => {
    const store = mongoStore(mongo.db)
    const sessions = Array.from({ length: 50 }, () => record())
    await Promise.all(sessions.map((session) => store.insert(session)))
    mongo.forget()
    const reads = await Promise.all(sessions.map(({ id }) => store.read(id, ['everyone'])))
    expect(reads.map((read) => read.record)).toEqual(sessions)
    expect(mongo.commands('find')).toHaveLength(1)
    const [sent] = mongo.commands('find').map(({ filter }) => filter as { _id: { $in: string[] } })
    expect(sent?._id.$in, 'an epoch that all want is asked for once').toHaveLength(51)
  })

  it('answers a batch of any size in one round trip', async () => {
    const store = mongoStore(mongo.db)
    const sessions = Array.from({ length: 300 }, () => record())
    await Promise.all(sessions.map((session) => store.insert(session)))
    mongo.forget()
    const reads = await Promise.all(sessions.map(({ id }) => store.read(id, [])))
    expect(reads.map((read) => read.record)).toEqual(sessions)
    expect(mongo.commands('find')).toHaveLength(1)
    expect(mongo.commands('getMore')).toHaveLength(0)
  })

  it('answers a batch of more than 16 MB, and leaves no cursor', async () => {
    const store = mongoStore(mongo.db)
    const data = JSON.stringify({ text: 'x'.repeat(4_000_000) })
    const sessions = Array.from({ length: 6 }, () => record({ data }))
    for (const session of sessions) await store.insert(session)
    const reads = await Promise.all(sessions.map(({ id }) => store.read(id, [])))
    expect(reads.map((read) => read.record?.id)).toEqual(sessions.map(({ id }) => id))
    expect(reads.every((read) => read.record?.data === data)).toBe(true)
    const idle = [{ $currentOp: { idleCursors: true } }, { $match: { type: 'idleCursor' } }]
    const cursors = await mongo.client.db('admin').aggregate(idle).toArray()
    const ours = cursors.filter(({ ns }) => String(ns).startsWith(mongo.db.databaseName))
    expect(ours).toHaveLength(0)
  })

  it('gives two who read one session a record each', async () => {
    const store = mongoStore(mongo.db)
    const session = record()
    await store.insert(session)
    mongo.forget()
    const [one, other] = await Promise.all([store.read(session.id, []), store.read(session.id, [])])
    expect(mongo.commands('find')).toHaveLength(1)
    one.record?.createdAt.setTime(0)
    expect(other.record).toEqual(session)
  })

  it.each([
    { turns: 8, queries: 1, rule: 'waits while more arrive' },
    { turns: 9, queries: 2, rule: 'waits for 8 turns of the event loop at most' },
  ])('$rule', async ({ turns, queries }) => {
    const store = mongoStore(mongo.db)
    // It does not wait after one that came alone.
    await Promise.all([store.read('a', []), store.read('b', [])])
    mongo.forget()
    const reads: Promise<unknown>[] = []
    // In each turn ahead of the store, which looks whether more has come.
    const arrive = (left: number): void => {
      if (left > 0) setImmediate(() => arrive(left - 1))
      reads.push(store.read(`a${left}`, []))
    }
    arrive(turns)
    await new Promise((resolve) => setTimeout(resolve, 50))
    await Promise.all(reads)
    expect(reads).toHaveLength(turns + 1)
    expect(mongo.commands('find')).toHaveLength(queries)
  })

  it('begins each read after its call: what was acknowledged before is seen', async () => {
    const store = mongoStore(mongo.db)
    const session = record()
    await store.insert(session)
    for (let version = 1; version <= 30; version++) {
      const inFlight = store.read(session.id, [])
      await store.update(session.id, { version, now: NOW }, {})
      const read = await store.read(session.id, [])
      expect(read.record?.version).toBe(version + 1)
      await inFlight
    }
  })

  it('reads from the primary with concern local, whatever the URI says', async () => {
    const parameters = { readPreference: 'secondaryPreferred', readConcernLevel: 'majority' }
    await using odd = await watchedClient(inject('mongodbUri'), {}, parameters)
    const store = mongoStore(odd.db)
    const session = record()
    await store.insert(session)
    const epoch = await store.revoke(revocation('everyone'))
    expect((await store.read(session.id, ['everyone'])).record).toEqual(session)
    expect(await store.list('everyone', NOW)).toHaveLength(1)
    expect(await store.purge(epoch)).toBe(1)
    const finds = odd.commands('find')
    expect(finds.length).toBeGreaterThanOrEqual(3)
    for (const find of finds) expect(wishesOf(find)).toEqual([{ level: 'local' }, undefined])

    odd.forget()
    await store.read(session.id, ['everyone'], { acknowledged: true })
    const [acknowledged] = odd.commands('find')
    expect(wishesOf(acknowledged), 'but where asked').toEqual([{ level: 'majority' }, undefined])

    odd.forget()
    await odd.db.collection('sessions').findOne()
    const [other] = odd.commands('find')
    expect(wishesOf(other), 'what the URI asks for does show').toEqual([
      { level: 'majority' },
      { mode: 'secondaryPreferred' },
    ])
  })
})

// The driver leaves the preference out for the primary.
const wishesOf = (command: Readonly<Record<string, unknown>> | undefined): unknown[] => [
  command?.['readConcern'],
  command?.['$readPreference'],
]

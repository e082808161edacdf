import { mongoStore } from '@adjourn/mongodb'
import type { Document } from 'mongodb'
import { describe, expect, inject, it } from 'vitest'
import { later, member, name, NOW, revocation } from '../support/records.ts'
import { watchedClient } from './support.ts'
import type { WatchedClient } from './support.ts'

const INDEXES = [
  { name: '_id_', key: { _id: 1 } },
  { name: 'expiry', key: { expiresAt: 1 }, expireAfterSeconds: 0 },
  { name: 'groups', key: { 'groups.group': 1, 'groups.epoch': 1 } },
]

describe('indexes of the MongoDB store', () => {
  it('are made by the first insert, once', async () => {
    await using mongo = await watchedClient(inject('mongodbUri'))
    const store = mongoStore(mongo.db)
    await store.read('nobody', ['everyone'])
    expect(mongo.commands('createIndexes'), 'not by a read').toHaveLength(0)
    await Promise.all(Array.from({ length: 10 }, () => store.insert(member('g'))))
    await store.insert(member('g'))
    expect(mongo.commands('createIndexes')).toHaveLength(1)
    expect(await mongo.db.collection('sessions').indexes()).toMatchObject(INDEXES)
    expect(await mongo.db.collection('sessions').indexes()).toHaveLength(INDEXES.length)
  })

  it('are made by ensureIndexes, in the collection that was named', async () => {
    await using mongo = await watchedClient(inject('mongodbUri'))
    const store = mongoStore(mongo.db, { collection: 'logins' })
    await store.ensureIndexes()
    await store.ensureIndexes()
    await store.insert(member('g'))
    expect(mongo.commands('createIndexes')).toHaveLength(1)
    expect(await mongo.db.collection('logins').indexes()).toMatchObject(INDEXES)
    expect(await mongo.db.collections()).toHaveLength(1)
  })

  it('serve every query', async () => {
    await using mongo = await watchedClient(inject('mongodbUri'))
    const store = mongoStore(mongo.db)
    const group = name('group')
    const members = Array.from({ length: 20 }, () => member(group))
    const others = Array.from({ length: 500 }, (_, index) => member(`other-${index % 50}`))
    await Promise.all([...members, ...others].map((session) => store.insert(session)))
    const [first] = members
    const id = first?.id ?? ''
    const epoch = await store.revoke(revocation(group))
    mongo.forget()

    await store.list(group, NOW)
    expect(await plansOf(mongo, 'find')).toEqual(['IXSCAN groups'])
    mongo.forget()
    await store.read(id, [group])
    await store.update(id, { version: 1, now: NOW }, { data: '{}' })
    await store.touch([{ id, lastSeenAt: NOW, expiresAt: later(7200) }], NOW)
    await store.delete(id)
    const plans = await plansOf(mongo, 'find', 'update', 'delete')
    expect(plans).toHaveLength(4)
    // EXPRESS and IDHACK are what the server calls a lookup by _id.
    for (const plan of plans) expect(plan).toMatch(/^(IXSCAN|EXPRESS_IXSCAN|IDHACK).*_id_|IDHACK/)
    mongo.forget()
    await store.purge(epoch)
    expect(await plansOf(mongo, 'find')).toEqual(['IXSCAN groups', 'IXSCAN groups'])
    expect(await plansOf(mongo, 'delete')).toEqual(['IXSCAN _id_'])
  })

  it('keep a purge to the members who have ended', async () => {
    await using mongo = await watchedClient(inject('mongodbUri'))
    const store = mongoStore(mongo.db)
    const group = name('group')
    const epoch = await store.revoke(revocation(group))
    const innocent = Array.from({ length: 300 }, () => member(group, epoch.epoch))
    const ended = Array.from({ length: 10 }, () => member(group))
    await Promise.all([...innocent, ...ended].map((session) => store.insert(session)))
    mongo.forget()
    expect(await store.purge(epoch)).toBe(ended.length)
    const [find] = mongo.commands('find')
    const { executionStats } = await explain(mongo, find, 'executionStats')
    expect(executionStats.totalKeysExamined).toBeLessThan(20)
  })
})

interface Explained {
  readonly queryPlanner: { readonly winningPlan: Document }
  readonly executionStats: { readonly totalKeysExamined: number }
}

/** Asks the server how it would run a command that the store has sent. */
async function explain(
  { db }: WatchedClient,
  command: Document | undefined,
  verbosity: string,
): Promise<Explained> {
  const { lsid: _lsid, $db: _db, $clusterTime: _time, txnNumber: _number, ...plain } = command ?? {}
  return (await db.command({ explain: plain, verbosity })) as Explained
}

/** The leaf of each plan, such as `IXSCAN groups`; each update or delete is explained by itself. */
async function plansOf(mongo: WatchedClient, ...commandNames: string[]): Promise<string[]> {
  const commands = commandNames.flatMap((commandName) => mongo.commands(commandName))
  const explained = await Promise.all(
    commands.map((command) => explain(mongo, command, 'queryPlanner')),
  )
  return explained.flatMap(({ queryPlanner }) => leavesOf(queryPlanner.winningPlan))
}

function leavesOf(plan: Document): string[] {
  const inputs = [plan['queryPlan'], plan['inputStage'], ...((plan['inputStages'] as []) ?? [])]
  const leaves = inputs.flatMap((input: Document | undefined) => (input ? leavesOf(input) : []))
  if (leaves.length > 0) return [...new Set(leaves)]
  return [[plan['stage'], plan['indexName']].filter(Boolean).join(' ')]
}

/** The store on a sharded cluster: a real mongos, two shards, hashed `_id`. */
import { faultyStore, storeConformance, type FaultyStore } from '@adjourn/core/testing'
import { mongoStore } from '@adjourn/mongodb'
import { MongoClient, type Collection, type Document } from 'mongodb'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  DATABASE,
  newUser,
  plant,
  signIn,
  signInMany,
  startApp,
  type AppNode,
} from '../faults/app.ts'
import { settle } from '../faults/outcome.ts'
import { on } from '../faults/replica-set.ts'
import type { Server } from '../faults/server.ts'
import { recorder } from '../mongodb/recorder.ts'
import { record, revocation } from '../support/records.ts'
import { shardByHashedId, startShardedCluster, type ShardedCluster } from './cluster.ts'

const SESSIONS = Number(process.env['ADJOURN_SHARDED_SESSIONS'] ?? 1000)
const LONG = { timeout: 300_000 }

let cluster: ShardedCluster
let client: MongoClient
let here: AppNode
let there: AppNode
let faulty: FaultyStore

beforeAll(async () => {
  cluster = await startShardedCluster()
  await shardByHashedId(cluster.uri, `${DATABASE}.sessions`)
  await shardByHashedId(cluster.uri, 'conformance.sessions')
  client = new MongoClient(cluster.uri)
  here = await startApp(cluster.uri, { wrap: (store) => (faulty = faultyStore(store)) })
  there = await startApp(cluster.uri)
}, 120_000)

afterAll(async () => {
  await Promise.all([here, there].map((app) => app?.[Symbol.asyncDispose]()))
  await client?.close()
  await cluster?.[Symbol.asyncDispose]()
})

afterEach(() => faulty.restore())

storeConformance(
  { describe, it },
  {
    name: 'mongoStore, sharded',
    // Its feed is never current here.
    create: async () => ({
      store: Object.defineProperty(mongoStore(client.db('conformance')), 'watch', {
        value: undefined,
      }),
      fault: {
        begin: () => client.close(),
        end: async () => {
          await client.connect()
        },
      },
    }),
  },
)

describe('on a sharded cluster', () => {
  it('each key is looked up on the one shard that has it, a batch on those of its keys', async () => {
    const browsers = await signInMany(here, 20)
    const ids = await Promise.all(
      browsers.map((browser) => browser.visit(here, ({ id = '' }) => id)),
    )
    const byShard = new Map<string, string[]>()
    for (const id of ids) {
      const { stage, shards } = await explainRead([id])
      expect([stage, shards.length]).toEqual(['SINGLE_SHARD', 1])
      const [shard = ''] = shards
      byShard.set(shard, [...(byShard.get(shard) ?? []), id])
    }
    expect([...byShard.keys()].toSorted()).toEqual(['shard-0', 'shard-1'])
    for (const [shard, batch] of byShard) {
      expect(await explainRead(batch)).toEqual({ stage: 'SINGLE_SHARD', shards: [shard] })
    }
    expect(await explainRead(ids)).toMatchObject({ stage: 'SHARD_MERGE', shards: { length: 2 } })
  })

  it('every write but the deletes of a purge goes to one shard', async () => {
    here.forget()
    const browser = await signIn(here)
    await browser.visit(here, (session) => session.rotate())
    await browser.visit(here, (session) => session.revokeOthers())
    await browser.visit(here, (session) => session.end())
    const writes = here.commands('update', 'delete', 'findAndModify')
    expect(writes.map(({ commandName }) => commandName)).toEqual(
      expect.arrayContaining(['update', 'delete', 'findAndModify']),
    )
    for (const { command } of writes) {
      const { winningPlan } = await explain(command)
      expect(winningPlan.shards).toHaveLength(1)
    }
  })

  it('has a feed that tells of all shards, and never says that it is current', LONG, async () => {
    const heard = recorder()
    const feed = there.store.watch?.(heard) ?? expect.fail('the store has no feed')
    // Where it begins nobody says: what comes before is not told.
    const last = (): string | undefined => heard.heard.at(-1)
    await expect
      .poll(() => here.store.insert(record()).then(last), { timeout: 30_000 })
      .toBeDefined()
    const ids = Array.from({ length: 20 }, () => record().id)
    const told = ids.flatMap((id) => [`written ${id}`, `deleted ${id}`, `revoked ${id}`])
    for (const id of ids) {
      await here.store.insert(record({ id }))
      await here.store.revoke(revocation(id))
      await here.store.delete(id)
    }
    await expect.poll(() => heard.heard, { timeout: 30_000 }).toEqual(expect.arrayContaining(told))
    expect(heard.heard).not.toContain('lost')
    expect(heard.heard).not.toContain('current')
    await feed.close()
  })

  it('has its indexes on every shard', async () => {
    const names = await onShards((sessions) => sessions.indexes())
    for (const indexes of names) {
      const found = indexes.map(({ name }) => name)
      expect(found).toEqual(expect.arrayContaining(['_id_', '_id_hashed', 'expiry', 'groups']))
    }
  })

  it(
    `one write ends ${SESSIONS} sessions on both shards, before any is deleted`,
    LONG,
    async () => {
      const user = newUser('ann')
      await plant(there.store, user, SESSIONS)
      const old = await signInMany(there, 10, user)
      const stranger = await signIn(there)
      const planted = await countByShard(user)
      expect(planted.every((count) => count > SESSIONS / 4)).toBe(true)

      here.forget()
      faulty.pause('purge')
      const revoking = here.sessions.revokeAll(user)
      await faulty.reached('purge')
      expect(here.commands(...WRITES).map(({ commandName }) => commandName)).toEqual([
        'findAndModify',
      ])
      expect(await countByShard(user), 'all records are there').toEqual(planted)
      expect(await there.sessions.list(user), 'and nobody is signed in').toEqual([])
      for (const browser of old) expect(await browser.whoIs(there)).toBeUndefined()

      faulty.release('purge')
      expect(await revoking).toBe(SESSIONS + old.length)
      expect(await countByShard(user)).toEqual([0, 0])
      expect(await stranger.whoIs(there)).toMatch(/^user-/)
      console.log(`revoked on the shards: ${planted.join(' and ')}`)
    },
  )

  it(
    'a shard that is gone: no answer without what it holds, and nobody is lost',
    LONG,
    async () => {
      const user = newUser('bob')
      const old = await signInMany(here, 10, user)
      faulty.pause('purge')
      const revoking = here.sessions.revokeAll(user)
      await faulty.reached('purge')
      const friend = await signIn(there, newUser('friend'))
      const [shard = ''] = (await explainRead([`epoch:user:${user}`])).shards
      const server = cluster.shards[Number(shard.at(-1))] as Server
      await server.kill()
      for (const { error } of await Promise.all(
        old.map((each) => settle(() => each.copy().load(there))),
      )) {
        expect(error, 'a session whose epoch nobody can read').toBeDefined()
      }
      await server.start()
      expect(await friend.whoIs(there)).toMatch(/^friend-/)
      faulty.release('purge')
      expect(await revoking).toBe(old.length)
      for (const browser of old) expect(await browser.whoIs(there)).toBeUndefined()
    },
  )
})

const WRITES = ['insert', 'update', 'delete', 'findAndModify']

interface Explained {
  readonly winningPlan: {
    readonly stage: string
    readonly shards: readonly { readonly shardName: string }[]
  }
}

/** Asks the mongos how it would run a command that the store has sent. */
async function explain(command: Document): Promise<Explained> {
  const { lsid: _lsid, $db: _db, $clusterTime: _time, txnNumber: _number, ...plain } = command
  const { queryPlanner } = await client
    .db(DATABASE)
    .command({ explain: plain, verbosity: 'queryPlanner' })
  return queryPlanner as Explained
}

/** How the query of a batch of reads is carried out: the stage, and the shards that are asked. */
async function explainRead(
  keys: readonly string[],
): Promise<{ stage: string; shards: readonly string[] }> {
  const command = { find: 'sessions', filter: { _id: { $in: [...keys] } } }
  const { winningPlan } = await explain(command)
  const shards = winningPlan.shards.map(({ shardName }) => shardName)
  return { stage: winningPlan.stage, shards }
}

async function onShards<T>(ask: (sessions: Collection) => Promise<T>): Promise<T[]> {
  return Promise.all(
    cluster.shards.map((shard) =>
      on(shard, (direct) => ask(direct.db(DATABASE).collection('sessions'))),
    ),
  )
}

const countByShard = (user: string): Promise<number[]> =>
  onShards((sessions) => sessions.countDocuments({ 'groups.group': `user:${user}` }))

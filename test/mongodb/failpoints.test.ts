/** Failures inside the server, by its `failCommand`: on a server of this file's own. */
import { mongoStore, type MongoStore } from '@adjourn/mongodb'
import type { Document } from 'mongodb'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startMongod, type RunningMongod } from '../../tools/mongod.ts'
import { causesOf, OPERATIONS, outageOf } from './operations.ts'
import { member, NOW, revocation, watchedClient, type WatchedClient } from './support.ts'

const TIMEOUT = 0.5
const SOON = 3

/** The commands that carry each operation out. */
const COMMANDS: Readonly<Record<keyof typeof OPERATIONS, string>> = {
  read: 'find',
  insert: 'insert',
  update: 'update',
  touch: 'update',
  delete: 'delete',
  list: 'find',
  revoke: 'findAndModify',
  purge: 'find',
}

describe('failures inside MongoDB', () => {
  let server: RunningMongod
  let mongo: WatchedClient
  let store: MongoStore

  beforeAll(async () => {
    server = await startMongod({ replicaSet: 1, log: () => {} })
  })

  afterAll(async () => {
    await server.stop()
  })

  beforeEach(async () => {
    mongo = await watchedClient(server.uri, { appName: 'failpoints' })
    store = mongoStore(mongo.db, { timeout: TIMEOUT })
    await store.ensureIndexes()
  })

  afterEach(async () => {
    await configure('off')
    await mongo[Symbol.asyncDispose]()
  })

  async function configure(mode: 'off' | 'alwaysOn' | { times: number }, data?: Document) {
    await mongo.client.db('admin').command({
      configureFailPoint: 'failCommand',
      mode,
      ...(data && { data: { appName: 'failpoints', ...data } }),
    })
  }

  it('gives up every operation in time when the commands hang', async () => {
    const failCommands = [...new Set(Object.values(COMMANDS))]
    await configure('alwaysOn', { failCommands, blockConnection: true, blockTimeMS: 2000 })
    const outages = Object.values(OPERATIONS).map((run) => outageOf(() => run(store)))
    for (const { after } of await Promise.all(outages)) {
      expect(after).toBeGreaterThan(TIMEOUT * 0.9)
      expect(after).toBeLessThan(1.9)
    }
  })

  it.each(Object.keys(OPERATIONS))('%s: a lost connection is an outage', async (name) => {
    await configure('alwaysOn', { failCommands: [COMMANDS[name]], closeConnection: true })
    const outage = await outageOf(() => OPERATIONS[name]?.(store))
    expect(outage.after).toBeLessThan(SOON)
    // A bulk write's error holds the other's message only.
    const cause = name === 'touch' ? 'MongoBulkWriteError' : 'MongoNetworkError'
    expect(causesOf(outage)).toContain(cause)
  })

  it.each(['insert', 'update', 'touch', 'delete', 'revoke'])(
    '%s: a write that no majority has confirmed is an outage',
    async (name) => {
      const session = member('g')
      await store.insert(session)
      await failWriteConcern('alwaysOn', COMMANDS[name])
      const outage = await outageOf(() => OPERATIONS[name]?.(store, session.id))
      expect(outage.after).toBeLessThan(SOON)
      expect(causesOf(outage)[0]).toMatch(/^Mongo(WriteConcern|BulkWrite)Error$/)
    },
  )

  it('purge: a batch that no majority has confirmed is an outage', async () => {
    await store.insert(member('g'))
    const epoch = await store.revoke(revocation('g'))
    await failWriteConcern('alwaysOn', 'delete')
    expect(causesOf(await outageOf(() => store.purge(epoch)))).toContain('MongoWriteConcernError')
  })

  it.each([1, 2, 3])('delete is tried again after %i lost connections', async (times) => {
    const session = member('g')
    await store.insert(session)
    mongo.forget()
    await configure({ times }, { failCommands: ['delete'], closeConnection: true })
    expect(await store.delete(session.id)).toBe(true)
    expect((await store.read(session.id, [])).record).toBeUndefined()
    expect(mongo.commands('delete')).toHaveLength(times + 1)
  })

  it.each([1, 2])('delete is tried again after %i unconfirmed deletes', async (times) => {
    const session = member('g')
    await store.insert(session)
    await failWriteConcern({ times }, 'delete')
    await store.delete(session.id)
    expect((await store.read(session.id, [])).record).toBeUndefined()
    const [last] = mongo.commands('delete').slice(-1)
    expect(last?.['writeConcern'], 'the last one is confirmed').toEqual({ w: 'majority', j: true })
    expect(mongo.commands('delete')).toHaveLength(times + 1)
  })

  it.each(['read', 'list', 'purge', 'revoke'])('%s is tried again too', async (name) => {
    const failCommands = ['find', 'findAndModify', 'delete']
    await configure({ times: 2 }, { failCommands, closeConnection: true })
    await OPERATIONS[name]?.(store)
    await configure('off')
    expect(mongo.commands(COMMANDS[name] ?? '')).toHaveLength(3)
  })

  it('a revocation that is tried again takes effect once the promise resolves', async () => {
    const before = await store.revoke(revocation('g'))
    await failWriteConcern({ times: 2 }, 'findAndModify')
    const revoked = await store.revoke(revocation('g'))
    expect(revoked.epoch).toBeGreaterThan(before.epoch)
    expect((await store.read(undefined, ['g'])).epochs.get('g')).toEqual(revoked)
  })

  it('insert and update are not tried again beyond what the driver does', async () => {
    for (const name of ['insert', 'update']) {
      mongo.forget()
      await configure({ times: 5 }, { failCommands: [name], closeConnection: true })
      await outageOf(() => OPERATIONS[name]?.(store))
      expect(mongo.commands(name)).toHaveLength(2)
    }
  })

  it('an error of the server is an outage, its code kept', async () => {
    await configure('alwaysOn', { failCommands: ['find', 'update'], errorCode: 13 })
    for (const name of ['read', 'update', 'list']) {
      expect((await outageOf(() => OPERATIONS[name]?.(store))).cause).toMatchObject({ code: 13 })
    }
  })

  it('indexes that could not be made are made by the next insert', async () => {
    const fresh = mongoStore(mongo.db, { collection: 'fresh', timeout: TIMEOUT })
    await configure({ times: 1 }, { failCommands: ['createIndexes'], errorCode: 13 })
    expect((await outageOf(() => fresh.insert(member('g')))).cause).toMatchObject({ code: 13 })
    expect(await fresh.list('g', NOW), 'nothing was inserted').toEqual([])
    expect(await fresh.insert(member('g'))).toBe(true)
    expect(await mongo.db.collection('fresh').indexes()).toHaveLength(3)
  })

  async function failWriteConcern(mode: 'alwaysOn' | { times: number }, command?: string) {
    const writeConcernError = { code: 64, errmsg: 'waiting for replication timed out' }
    await configure(mode, { failCommands: [command], writeConcernError })
  }
})

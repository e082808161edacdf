/** Failures inside the server, by its `failCommand`: on a server of this file's own. */
import { mongoStore, type MongoStore } from '@adjourn/mongodb'
import type { Document } from 'mongodb'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startMongod, type RunningMongod } from '../../tools/mongod.ts'
import { causesOf, OPERATIONS, outageOf } from '../support/operations.ts'
import { later, member, NOW, record, revocation } from '../support/records.ts'
import { watchedClient, type WatchedClient } from './support.ts'

const TIMEOUT = 2
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
  /** Gives up soon: for what is to fail. */
  let hasty: MongoStore

  beforeAll(async () => {
    server = await startMongod({ replicaSet: 1, log: () => {} })
  })

  afterAll(async () => {
    await server.stop()
  })

  beforeEach(async () => {
    mongo = await watchedClient(server.uri, { appName: 'failpoints' })
    store = mongoStore(mongo.db)
    hasty = mongoStore(mongo.db, { timeout: TIMEOUT })
    await Promise.all([store.ensureIndexes(), hasty.ensureIndexes()])
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
    await configure('alwaysOn', { failCommands, blockConnection: true, blockTimeMS: 4000 })
    const outages = Object.values(OPERATIONS).map((run) => outageOf(() => run(hasty)))
    for (const { after } of await Promise.all(outages)) {
      expect(after).toBeGreaterThan(TIMEOUT * 0.9)
      expect(after).toBeLessThan(3.9)
    }
  })

  // What a node says that goes away or steps down; on reads, without a label.
  it.each([6, 91, 189, 9001, 10_107, 11_600, 11_602, 13_435])(
    'reads again after error %i',
    async (errorCode) => {
      const session = record()
      await store.insert(session)
      await configure({ times: 1 }, { failCommands: ['find'], errorCode })
      expect((await store.read(session.id, ['everyone'])).record).toEqual(session)
      await configure({ times: 1 }, { failCommands: ['find'], errorCode })
      const read = await store.read(session.id, [], { acknowledged: true })
      expect(read.record).toEqual(session)
    },
  )

  it.each([
    { errorCode: 13 },
    { closeConnection: true },
    { blockConnection: true, blockTimeMS: 6000 },
  ])('answers over 16 MB whatever becomes of the cursor that is swept up: %j', async (failure) => {
    const data = JSON.stringify({ text: 'x'.repeat(4_000_000) })
    const sessions = Array.from({ length: 5 }, () => record({ data }))
    for (const session of sessions) await store.insert(session)
    await configure('alwaysOn', { failCommands: ['killCursors'], ...failure })
    const reads = await Promise.all(sessions.map(({ id }) => store.read(id, [])))
    expect(reads.map((read) => read.record?.id)).toEqual(sessions.map(({ id }) => id))
  })

  it('takes lost connections for an outage, on every operation', async () => {
    const failCommands = [...new Set(Object.values(COMMANDS))]
    await configure('alwaysOn', { failCommands, closeConnection: true })
    const outages = Object.entries(OPERATIONS).map(async ([operation, run]) => {
      const outage = await outageOf(() => run(hasty))
      expect(outage.after).toBeLessThan(TIMEOUT + SOON)
      // A bulk write's error holds the other's message only. A pool is cleared for all who wait.
      expect(causesOf(outage)[0], operation).toMatch(/^Mongo(Network|PoolCleared|BulkWrite)/)
    })
    await Promise.all(outages)
  })

  it('says which operation has failed', async () => {
    await store.insert(member('g'))
    const NOT_ALLOWED = { errorCode: 13 }
    await configure('alwaysOn', {
      failCommands: [...new Set(Object.values(COMMANDS))],
      ...NOT_ALLOWED,
    })
    for (const [operation, run] of Object.entries(OPERATIONS)) {
      // A purge lists, and deletes what it has listed.
      const name = operation === 'purge' ? 'list' : operation
      expect((await outageOf(() => run(store))).message).toContain(name)
    }
    await configure('alwaysOn', { failCommands: ['delete'], ...NOT_ALLOWED })
    expect((await outageOf(() => OPERATIONS['purge']?.(store))).message).toContain('delete')
  })

  it('says so when it cannot make its indexes, and makes them the next time', async () => {
    const other = mongoStore(mongo.db, { collection: 'others' })
    await configure({ times: 1 }, { failCommands: ['createIndexes'], errorCode: 13 })
    expect((await outageOf(() => other.ensureIndexes())).message).toContain('make its indexes')
    await other.ensureIndexes()
    expect(await mongo.db.collection('others').indexes()).not.toHaveLength(1)
  })

  it('asks for its indexes again where the server has never said whether it made them', async () => {
    const other = mongoStore(mongo.db, { collection: 'others', timeout: TIMEOUT })
    const hanging = { failCommands: ['createIndexes'], blockConnection: true, blockTimeMS: 5000 }
    await configure({ times: 1 }, hanging)
    await outageOf(() => other.insert(record()))
    expect(await other.insert(record())).toBe(true)
  })

  it('revokes again where another has just revoked for the first time, five times at most', async () => {
    const DUPLICATE_KEY = 11_000
    const errorExtraInfo = { keyPattern: { _id: 1 }, keyValue: { _id: 'epoch:g' } }
    const failing = { failCommands: ['findAndModify'], errorCode: DUPLICATE_KEY, errorExtraInfo }
    await configure({ times: 4 }, failing)
    expect((await store.revoke(revocation('g'))).group).toBe('g')
    await configure({ times: 5 }, failing)
    expect(causesOf(await outageOf(() => store.revoke(revocation('g'))))).toEqual([
      'MongoServerError',
    ])
    mongo.forget()
    await configure('alwaysOn', { failCommands: ['findAndModify'], errorCode: 13 })
    await outageOf(() => store.revoke(revocation('g')))
    expect(mongo.commands('findAndModify')).toHaveLength(1)
  })

  it('takes a write that no majority has confirmed for an outage, on every write', async () => {
    const [updated, touched, deleted, purged] = ['g', 'g', 'g', 'h'].map((group) => member(group))
    for (const session of [updated, touched, deleted, purged]) {
      if (session !== undefined) await store.insert(session)
    }
    const epoch = await store.revoke(revocation('h'))
    await failWriteConcern('alwaysOn', 'insert', 'update', 'findAndModify', 'delete')
    const writes = [
      () => OPERATIONS['insert']?.(hasty),
      () => OPERATIONS['update']?.(hasty, updated?.id),
      () => OPERATIONS['touch']?.(hasty, touched?.id),
      () => OPERATIONS['delete']?.(hasty, deleted?.id),
      () => OPERATIONS['revoke']?.(hasty),
      () => hasty.purge(epoch),
    ]
    const outages = await Promise.all(writes.map((write) => outageOf(write)))
    for (const outage of outages) {
      expect(outage.after).toBeLessThan(TIMEOUT + SOON)
      expect(causesOf(outage)[0]).toMatch(/^Mongo(WriteConcern|BulkWrite)Error$/)
    }
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

  it('a delete of what was seen meanwhile is tried again too, and still deletes nothing', async () => {
    const session = member('g')
    await store.insert(session)
    await configure({ times: 2 }, { failCommands: ['delete'], closeConnection: true })
    expect(await store.delete(session.id, { lastSeenAt: later(-60) })).toBe(false)
    expect((await store.read(session.id, [])).record).toEqual(session)
  })

  it.each([1, 2])('delete is tried again after %i unconfirmed deletes', async (times) => {
    const session = member('g')
    await store.insert(session)
    await failWriteConcern({ times }, 'delete')
    expect(await store.delete(session.id)).toBe(true)
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

  it('a delete that was done by a try before is told as done', async () => {
    const session = member('user:ann')
    await store.insert(session)
    const unconfirmed = { code: 91, codeName: 'ShutdownInProgress', errmsg: 'on purpose' }
    await configure({ times: 2 }, { failCommands: ['delete'], writeConcernError: unconfirmed })
    expect(await store.delete(session.id)).toBe(true)
    expect(await store.delete(session.id)).toBe(false)
  })

  it('indexes whose making is never answered do not keep later inserts out', async () => {
    const fresh = mongoStore(mongo.db, { collection: 'slow', timeout: 0.5 })
    await configure(
      { times: 1 },
      { failCommands: ['createIndexes'], blockConnection: true, blockTimeMS: 1500 },
    )
    await expect(fresh.insert(member('user:ann'))).rejects.toMatchObject({
      code: 'ERR_STORE_UNAVAILABLE',
    })
    await expect
      .poll(() => fresh.insert(member('user:ann')).catch(() => false), { timeout: 10_000 })
      .toBe(true)
  })

  it('insert and update are not tried again beyond what the driver does', async () => {
    for (const name of ['insert', 'update']) {
      mongo.forget()
      await configure({ times: 5 }, { failCommands: [name], closeConnection: true })
      await outageOf(() => OPERATIONS[name]?.(store))
      expect(mongo.commands(name)).toHaveLength(2)
    }
  })

  it('an error that does not pass is an outage at once, its code kept, for all of a batch', async () => {
    await configure('alwaysOn', { failCommands: ['find', 'delete'], errorCode: 13 })
    const names = ['read', 'read', 'read', 'list', 'delete']
    const outages = names.map((name) => outageOf(() => OPERATIONS[name]?.(store)))
    for (const { cause, after } of await Promise.all(outages)) {
      expect(cause).toMatchObject({ code: 13 })
      expect(after).toBeLessThan(SOON)
    }
    expect(mongo.commands('find')).toHaveLength(2)
  })

  it('delete is tried again where the driver does not', async () => {
    const options = { appName: 'failpoints', retryWrites: false, retryReads: false }
    await using plain = await watchedClient(server.uri, options)
    const other = mongoStore(plain.db)
    const session = member('g')
    await other.insert(session)
    await configure({ times: 2 }, { failCommands: ['delete', 'find'], closeConnection: true })
    expect(await other.delete(session.id)).toBe(true)
    expect((await other.read(session.id, [])).record).toBeUndefined()
  })

  it('a revocation that meets another first one looks again', async () => {
    const errorExtraInfo = { keyPattern: { _id: 1 }, keyValue: { _id: 'epoch:g' } }
    const duplicate = { errorCode: 11_000, errorExtraInfo }
    await configure({ times: 2 }, { failCommands: ['findAndModify'], ...duplicate })
    const revoked = await store.revoke(revocation('g'))
    expect((await store.read(undefined, ['g'])).epochs.get('g')).toEqual(revoked)
  })

  it('has two queries in flight; what arrives meanwhile is the next', async () => {
    await configure('alwaysOn', {
      failCommands: ['find'],
      blockConnection: true,
      blockTimeMS: 500,
    })
    const reads: Promise<unknown>[] = []
    for (let burst = 0; burst < 6; burst++) {
      reads.push(store.read(`a${burst}`, []), store.read(`b${burst}`, []))
      for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(mongo.commands('find')).toHaveLength(2)
    await Promise.all(reads)
    expect(mongo.commands('find')).toHaveLength(3)
  })

  it('indexes that could not be made are made by the next insert', async () => {
    const fresh = mongoStore(mongo.db, { collection: 'fresh' })
    await configure({ times: 1 }, { failCommands: ['createIndexes'], errorCode: 13 })
    expect((await outageOf(() => fresh.insert(member('g')))).cause).toMatchObject({ code: 13 })
    expect(await fresh.list('g', NOW), 'nothing was inserted').toEqual([])
    expect(await fresh.insert(member('g'))).toBe(true)
    expect(await mongo.db.collection('fresh').indexes()).toHaveLength(3)
  })

  async function failWriteConcern(mode: 'alwaysOn' | { times: number }, ...failCommands: string[]) {
    const writeConcernError = { code: 64, errmsg: 'waiting for replication timed out' }
    await configure(mode, { failCommands, writeConcernError })
  }
})

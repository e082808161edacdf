/** What breaks a feed, on a server of this file's own: nothing is missed, or it says `lost`. */
import type { Watch } from '@adjourn/core'
import { mongoStore, type MongoStore } from '@adjourn/mongodb'
import { MongoClient, type Collection, type Document, type Long } from 'mongodb'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startMongod, type RunningMongod } from '../../tools/mongod.ts'
import { record, revocation } from '../support/records.ts'
import { recorder, type Recorder } from './recorder.ts'
import { watchedClient, type WatchedClient } from './support.ts'
import { proxyTo } from './tcp.ts'

const TIMEOUT = 1
const APP = 'feed'

describe('a feed that breaks', () => {
  let server: RunningMongod
  let mongo: WatchedClient
  let other: WatchedClient
  let sessions: Collection<{ _id: string }>
  let store: MongoStore
  let writer: MongoStore
  let heard: Recorder
  let watch: Watch

  beforeAll(async () => {
    server = await startMongod({ replicaSet: 1, log: () => {} })
  })

  afterAll(async () => {
    await server.stop()
  })

  beforeEach(async () => {
    mongo = await watchedClient(server.uri, { appName: APP })
    other = await watchedClient(server.uri)
    sessions = other.client.db(mongo.db.databaseName).collection('sessions')
    store = mongoStore(mongo.db, { timeout: TIMEOUT })
    writer = mongoStore(other.client.db(mongo.db.databaseName))
    heard = recorder()
    watch = begin(store, heard)
    await heard.caughtUp()
  })

  afterEach(async () => {
    await configure('off')
    await watch.close()
    await other[Symbol.asyncDispose]()
    await mongo[Symbol.asyncDispose]()
    expect(heard.missed).toEqual([])
  })

  it('goes on after its cursor was killed', async () => {
    for (let turn = 0; turn < 5; turn++) {
      const { id } = await inserted()
      const [cursor] = await cursors()
      if (cursor !== undefined)
        await sessions.db.command({ killCursors: 'sessions', cursors: [cursor] })
      await ended(id)
    }
  })

  it.each<[string, Document, boolean]>([
    ['a lost connection', { closeConnection: true }, false],
    ['CursorNotFound', { errorCode: 43 }, false],
    [
      'NotWritablePrimary',
      { errorCode: 10_107, errorLabels: ['ResumableChangeStreamError'] },
      false,
    ],
    ['ChangeStreamHistoryLost', { errorCode: 286 }, true],
    ['ChangeStreamFatalError', { errorCode: 280 }, true],
    ['InvalidResumeToken', { errorCode: 260 }, true],
    ['BSONObjectTooLarge', { errorCode: 10_334 }, true],
    ['Unauthorized', { errorCode: 13 }, true],
  ])('goes on after %s', async (_what, failure, isLost) => {
    const { id } = await inserted()
    await configure({ times: 1 }, { failCommands: ['getMore'], ...failure })
    await ended(id)
    expect(heard.heard.includes('lost')).toBe(isLost)
  })

  it('goes on where it cannot even begin for a while', async () => {
    const { id } = await inserted()
    mongo.forget()
    const failure = { failCommands: ['getMore', 'aggregate'], errorCode: 13 }
    await configure('alwaysOn', failure)
    await heard.next('lost')
    const before = heard.heard.length
    await pause(1500)
    expect(heard.heard.slice(before)).not.toContain('current')
    expect(mongo.commands('aggregate').length, 'nor does it spin').toBeLessThan(10)
    await configure('off')
    await ended(id)
  })

  it.each(['hello', 'getMore'])('is lost while %s hangs', async (failCommand) => {
    const { id } = await inserted()
    const failure = { failCommands: [failCommand], blockConnection: true, blockTimeMS: 3000 }
    const started = performance.now()
    await configure('alwaysOn', failure)
    await heard.next('lost')
    expect((performance.now() - started) / 1000).toBeLessThan(TIMEOUT + 1)
    await configure('off')
    await ended(id)
    await expect.poll(cursors, { timeout: 5000 }).toHaveLength(1)
  })

  it('begins afresh when the collection is dropped, renamed or goes with its database', async () => {
    const breaks = [
      () => sessions.drop(),
      () => sessions.rename(`renamed-${Math.random()}`),
      () => sessions.db.dropDatabase(),
    ]
    for (const breakIt of breaks) {
      await inserted()
      const lost = heard.next('lost')
      await breakIt()
      await lost
      await heard.caughtUp()
      const { id } = await inserted()
      await ended(id)
    }
    expect(heard.heard).not.toContain('written undefined')
  })

  it('is lost with a connection that hangs for good, and takes another', async () => {
    await using proxy = await proxyTo(new URL(server.uri).host)
    const client = new MongoClient(`mongodb://${proxy.address}/?directConnection=true`)
    const ear = recorder()
    const hasty = mongoStore(client.db(mongo.db.databaseName), { timeout: 0.3 })
    const feed = begin(hasty, ear)
    await ear.caughtUp()
    for (let turn = 0; turn < 3; turn++) {
      const { id } = await inserted()
      const lost = ear.next('lost')
      proxy.hangOpen()
      await lost
      await ear.change(`deleted ${id}`, () => writer.delete(id))
      await ear.caughtUp()
    }
    expect(ear.missed).toEqual([])
    await feed.close()
    await client.close(true)
  })

  it('is closed soon, and is silent, while the server hangs', async () => {
    await using proxy = await proxyTo(new URL(server.uri).host)
    const client = new MongoClient(`mongodb://${proxy.address}/?directConnection=true`)
    const hasty = mongoStore(client.db(mongo.db.databaseName), { timeout: 0.3 })
    const [one, two] = [recorder(), recorder()]
    const [first, second] = [begin(hasty, one), begin(hasty, two)]
    await Promise.all([one.caughtUp(), two.caughtUp()])
    const lost = one.next('lost')
    proxy.hang()
    const started = performance.now()
    await second.close()
    expect(performance.now() - started).toBeLessThan(2000)
    expect(two.heard).not.toContain('lost')
    const before = two.heard.length
    await lost
    const again = performance.now()
    await hasty.close?.()
    expect(performance.now() - again).toBeLessThan(2000)
    expect(one.heard.at(-1)).toBe('lost')
    await first.close()
    const after = one.heard.length
    proxy.resume()
    await pause(600)
    expect([two.heard.length, one.heard.length]).toEqual([before, after])
    // Those left behind end by themselves once the server answers.
    await expect.poll(cursors, { timeout: 5000 }).toHaveLength(1)
    await client.close(true)
  })

  it('is never current where the server stands alone', async () => {
    await using stack = new AsyncDisposableStack()
    const alone = await startMongod({ log: () => {} })
    stack.defer(() => alone.stop())
    const one = stack.use(await watchedClient(alone.uri))
    const ear = recorder()
    const feed = begin(mongoStore(one.db), ear)
    await ear.next('lost')
    await pause(2000)
    expect(ear.heard).not.toContain('current')
    expect(one.commands('aggregate').length, 'nor does it spin').toBeLessThan(10)
    const started = performance.now()
    await feed.close()
    expect(performance.now() - started).toBeLessThan(500)
  })

  async function inserted(): Promise<{ id: string }> {
    const session = record()
    await writer.insert(session)
    return session
  }

  /** Ends it, and revokes; both are told, or else `lost` was. */
  async function ended(id: string): Promise<void> {
    const from = heard.heard.length
    await heard.change(`deleted ${id}`, () => writer.delete(id))
    await heard.change(`revoked ${id}`, () => writer.revoke(revocation(id)))
    await heard.caughtUp()
    const since = heard.heard.slice(from)
    if (!heard.heard.includes('lost')) {
      expect(since).toEqual(expect.arrayContaining([`deleted ${id}`, `revoked ${id}`]))
    }
  }

  async function configure(mode: 'off' | 'alwaysOn' | { times: number }, data?: Document) {
    await other.client.db('admin').command({
      configureFailPoint: 'failCommand',
      mode,
      ...(data && { data: { appName: APP, ...data } }),
    })
  }

  /** Those that the server has open on this database. */
  async function cursors(): Promise<Long[]> {
    const ns = `${mongo.db.databaseName}.sessions`
    const match = { $match: { 'cursor.tailable': true, ns } }
    const stages = [{ $currentOp: { idleCursors: true, localOps: true } }, match]
    const found = await other.client.db('admin').aggregate(stages).toArray()
    return found.map(({ cursor }) => (cursor as { cursorId: Long }).cursorId)
  }
})

/** Of a store that has one. */
function begin(store: MongoStore, heard: Recorder): Watch {
  return store.watch?.(heard) ?? expect.fail('the store has no feed')
}

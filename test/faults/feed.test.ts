/** The feed on a real replica set whose nodes fail: nothing is missed, or it says `lost`. */
import type { SessionStore, Watch } from '@adjourn/core'
import { mongoStore } from '@adjourn/mongodb'
import { MongoClient } from 'mongodb'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { recorder, type Recorder } from '../mongodb/recorder.ts'
import { member, name, record, revocation } from '../support/records.ts'
import { settle, TIMEOUT } from './outcome.ts'
import { command, on, startReplicaSet, type ReplicaSet } from './replica-set.ts'
import type { Server } from './server.ts'
import { until } from './waiting.ts'

const LONG = { timeout: 120_000 }
const HOOK_TIMEOUT = 120_000
const DATABASE = `feed-${process.pid}`
/** A failover takes the servers some seconds, and the driver some more to see it. */
const PATIENCE = 60
/** Each writes without end. */
const WRITERS = 4

describe('the feed of a replica set', () => {
  let set: ReplicaSet
  let client: MongoClient
  let other: MongoClient
  let store: SessionStore
  let writer: SessionStore
  let heard: Recorder
  let watch: Watch

  beforeAll(async () => {
    // Failpoints exist only in test mode.
    set = await startReplicaSet('--setParameter', 'enableTestCommands=1')
  }, HOOK_TIMEOUT)

  afterAll(() => set[Symbol.asyncDispose](), HOOK_TIMEOUT)

  beforeEach(async () => {
    client = await new MongoClient(set.uri).connect()
    other = await new MongoClient(set.uri).connect()
    store = mongoStore(client.db(DATABASE), { timeout: TIMEOUT })
    writer = mongoStore(other.db(DATABASE), { timeout: TIMEOUT })
    heard = recorder(PATIENCE)
    watch = begin(store, heard)
    await heard.caughtUp()
  }, HOOK_TIMEOUT)

  afterEach(async () => {
    for (const node of set.nodes) node.resume()
    await Promise.all(set.nodes.map((node) => node.start()))
    await set.healthy()
    await watch.close()
    await Promise.all([client.close(), other.close()])
    expect(heard.missed).toEqual([])
  }, HOOK_TIMEOUT)

  const others = (node: Server): Server[] => set.nodes.filter((each) => each !== node)

  it.each<[string, (primary: Server) => Promise<unknown>]>([
    [
      'steps down',
      (primary) => command(primary, { replSetStepDown: 10, secondaryCatchUpPeriodSecs: 5 }),
    ],
    ['is killed', (primary) => primary.kill()],
    ['hangs', async (primary) => primary.pause()],
  ])('a primary that %s: nothing is missed', LONG, async (_how, fail) => {
    const enough = new AbortController()
    const writing = Array.from({ length: WRITERS }, () => write(enough.signal))
    await heard.caughtUp()
    const primary = await set.primary()
    await fail(primary)
    await set.primary(others(primary))
    await heard.caughtUp()
    const from = heard.heard.length
    await until('changes are told again', async () => heard.heard.length > from + 50)
    enough.abort()
    await Promise.all(writing)
    await heard.caughtUp()
    expect(heard.heard.filter((words) => words === 'lost').length).toBeLessThan(20)
  })

  // Its cursor stays where it is and fails not, so that only the oplog's order tells.
  it('a node that was the primary and has fallen behind is not believed', LONG, async () => {
    const [before, meanwhile] = [member('g'), record()]
    await writer.insert(before)
    await heard.caughtUp()
    const old = await set.primary()
    await command(old, { replSetStepDown: 20, secondaryCatchUpPeriodSecs: 5 })
    const next = await set.primary(others(old))
    await heard.caughtUp()
    for (const node of others(old)) {
      if (node !== next) await command(node, { replSetSyncFrom: next.address })
    }
    await command(old, { configureFailPoint: 'stopReplProducer', mode: 'alwaysOn' })
    try {
      // It is given what is on its way already.
      await until('it has fallen behind', async () => {
        const { id } = meanwhile
        await heard.change(`written ${id}`, () => writer.insert(record({ id })))
        const seen = await on(old, (direct) =>
          direct
            .db(DATABASE)
            .collection<{ _id: string }>('sessions')
            .findOne({ _id: id }, { readPreference: 'secondary' }),
        )
        if (seen === null) return true
        await writer.delete(id)
        return false
      })
      await heard.change('revoked g', () => writer.revoke(revocation('g')))
      await heard.change(`deleted ${before.id}`, () => writer.delete(before.id))
      await heard.caughtUp()
    } finally {
      await command(old, { configureFailPoint: 'stopReplProducer', mode: 'off' })
    }
    expect(heard.heard).toContain('lost')
  })

  it('a client of a secondary alone hears of changes, and never that it is current', async () => {
    const primary = await set.primary()
    const [secondary] = others(primary)
    const direct = `mongodb://${secondary?.address}/?directConnection=true`
    await using only = await new MongoClient(direct).connect()
    const ear = recorder(PATIENCE)
    const feed = begin(mongoStore(only.db(DATABASE)), ear)
    const insertMore = async (): Promise<number> => {
      await writer.insert(record())
      return ear.heard.length
    }
    await expect.poll(insertMore, { timeout: 15_000 }).toBeGreaterThan(10)
    expect(ear.heard).not.toContain('current')
    expect(ear.heard).not.toContain('lost')
    await feed.close()
  })

  it('no node answers: it is lost within the bound, and current again after', LONG, async () => {
    for (const node of set.nodes) node.pause()
    const started = performance.now()
    await heard.next('lost')
    expect((performance.now() - started) / 1000).toBeLessThan(TIMEOUT + 3)
    const from = heard.heard.length
    const second = recorder(PATIENCE)
    const feed = begin(store, second)
    const closing = performance.now()
    await feed.close()
    expect((performance.now() - closing) / 1000).toBeLessThan(2)
    expect(second.heard).toEqual([])
    expect(heard.heard.slice(from)).not.toContain('current')
    for (const node of set.nodes) node.resume()
    await set.healthy()
    await heard.caughtUp()
    await insist(async () => writer.insert(record({ id: 'after' })))
    await heard.caughtUp()
    expect(heard.heard).toContain('written after')
  })

  /** Whatever resolves counts. */
  async function write(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { id } = record()
      const group = name('group')
      await settle(() => heard.change(`written ${id}`, () => writer.insert(record({ id }))))
      await settle(() => heard.change(`deleted ${id}`, () => writer.delete(id)))
      await settle(() => heard.change(`revoked ${group}`, () => writer.revoke(revocation(group))))
    }
  }

  async function insist(run: () => Promise<unknown>): Promise<void> {
    await until('it resolves', async () => (await settle(run)).error === undefined)
  }
})

/** Of a store that has one. */
function begin(store: SessionStore, heard: Recorder): Watch {
  return store.watch?.(heard) ?? expect.fail('the store has no feed')
}

import type { SessionRecord } from '@adjourn/core'
import { mongoStore, type MongoStore } from '@adjourn/mongodb'
import { MongoClient, type MongoClientOptions } from 'mongodb'
import { describe, expect, inject, it, vi } from 'vitest'
import { causesOf, OPERATIONS, outageOf } from '../support/operations.ts'
import { member, name } from '../support/records.ts'
import { watchedClient, type WatchedClient } from './support.ts'
import { proxyTo, silentServer, type Proxy } from './tcp.ts'

const TIMEOUT = 0.3
/** Far below what the driver waits by itself (10 or 30 s), far above what a busy machine needs. */
const SOON = 3

describe('a MongoDB that does not answer', () => {
  it('fails every operation within the bound: it accepts and says nothing', async () => {
    await using server = await silentServer()
    const client = new MongoClient(`mongodb://${server.address}/?directConnection=true`)
    const store = mongoStore(client.db(name('test')), { timeout: TIMEOUT })
    for (const [operation, run] of Object.entries(OPERATIONS)) {
      const { after, message } = await outageOf(() => run(store))
      expect(message).toContain(operation === 'purge' ? 'list' : operation)
      expect(after).toBeGreaterThan(TIMEOUT * 0.9)
      expect(after).toBeLessThan(SOON)
    }
    await client.close(true)
  })

  it('fails every operation within the bound: it falls silent, and it comes back', async () => {
    await using proxy = await proxyTo(new URL(inject('mongodbUri')).host)
    await using mongo = await watchedClient(inject('mongodbUri'))
    const { client, store, session } = await hastyStore(proxy, mongo, { maxPoolSize: 4 })
    proxy.hang()
    for (const run of Object.values(OPERATIONS)) {
      const { after } = await outageOf(() => run(store, session.id))
      expect(after).toBeGreaterThan(TIMEOUT * 0.9)
      expect(after).toBeLessThan(SOON)
    }
    const reads = Array.from({ length: 20 }, () => outageOf(() => store.read(session.id, [])))
    for (const { after } of await Promise.all(reads)) expect(after).toBeLessThan(SOON)
    proxy.resume()
    await vi.waitFor(() => store.read(session.id, []), { timeout: 5000 })
    await client.close(true)
  })

  it('takes no connection with it that hangs for good', async () => {
    await using proxy = await proxyTo(new URL(inject('mongodbUri')).host)
    await using mongo = await watchedClient(inject('mongodbUri'))
    const { client, store, session } = await hastyStore(proxy, mongo, { maxPoolSize: 1 })
    for (const run of Object.values(OPERATIONS)) {
      proxy.hangOpen()
      await outageOf(() => run(store))
      const { record } = await vi.waitFor(() => store.read(session.id, []), { timeout: 5000 })
      expect(record).toEqual(session)
    }
    await client.close(true)
  })

  it('bounds a read from its own arrival, whatever hangs before it', async () => {
    await using proxy = await proxyTo(new URL(inject('mongodbUri')).host)
    const client = new MongoClient(`mongodb://${proxy.address}/?directConnection=true`)
    const store = mongoStore(client.db(name('test')), { timeout: 1 })
    await client.db('admin').command({ ping: 1 })
    proxy.hang()
    const reads: ReturnType<typeof outageOf>[] = []
    for (let index = 0; index < 10; index++) {
      reads.push(outageOf(() => store.read('a', [])))
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    // Were it bounded from the start of its batch, the later ones would wait almost twice as long.
    for (const { after } of await Promise.all(reads)) expect(after).toBeLessThan(1.7)
    proxy.resume()
    expect((await store.read('a', [])).record).toBeUndefined()
    await client.close(true)
  })

  it('keeps the cause where the driver gives one: the server is gone', async () => {
    const proxy = await proxyTo(new URL(inject('mongodbUri')).host)
    const uri = `mongodb://${proxy.address}/?directConnection=true`
    const client = new MongoClient(uri, { serverSelectionTimeoutMS: 1000 })
    const store = mongoStore(client.db(name('test')), { timeout: 2.5 })
    await client.db('admin').command({ ping: 1 })
    await proxy[Symbol.asyncDispose]()
    const outages = Object.values(OPERATIONS).map(async (run) => {
      const outage = await outageOf(() => run(store))
      expect(outage.after).toBeLessThan(2.5 + SOON)
      expect(causesOf(outage)[0]).toMatch(/^Mongo\w+Error$/)
    })
    await Promise.all(outages)
    await client.close(true)
  })
})

/** A store behind the proxy that gives up soon, with a session in it and its connections open. */
async function hastyStore(
  proxy: Proxy,
  { db }: WatchedClient,
  options: MongoClientOptions,
): Promise<{ client: MongoClient; store: MongoStore; session: SessionRecord }> {
  const session = member('other')
  await mongoStore(db).insert(session)
  const client = new MongoClient(`mongodb://${proxy.address}/?directConnection=true`, options)
  const behind = client.db(db.databaseName)
  await behind.command({ ping: 1 })
  const store = mongoStore(behind, { timeout: TIMEOUT })
  await store.ensureIndexes()
  return { client, store, session }
}

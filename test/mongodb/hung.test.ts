import { mongoStore } from '@adjourn/mongodb'
import { MongoClient } from 'mongodb'
import { describe, expect, inject, it } from 'vitest'
import { causesOf, OPERATIONS, outageOf } from './operations.ts'
import { member, name, watchedClient } from './support.ts'
import { proxyTo, silentServer } from './tcp.ts'

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

  it('fails every operation within the bound: it falls silent, and it may come back', async () => {
    await using proxy = await proxyTo(new URL(inject('mongodbUri')).host)
    await using mongo = await watchedClient(inject('mongodbUri'))
    const uri = `mongodb://${proxy.address}/?directConnection=true`
    const client = new MongoClient(uri, { maxPoolSize: 4 })
    const store = mongoStore(client.db(mongo.db.databaseName), { timeout: TIMEOUT })
    const session = member('other')
    await store.insert(session)

    proxy.hang()
    // One after the other: none may take a connection of the pool with it.
    for (const run of Object.values(OPERATIONS)) {
      const { after } = await outageOf(() => run(store, session.id))
      expect(after).toBeGreaterThan(TIMEOUT * 0.9)
      expect(after).toBeLessThan(SOON)
    }
    const reads = Array.from({ length: 20 }, () => outageOf(() => store.read(session.id, [])))
    for (const { after } of await Promise.all(reads)) expect(after).toBeLessThan(SOON)

    proxy.resume()
    const other = member('other')
    expect(await store.insert(other)).toBe(true)
    expect((await store.read(other.id, [])).record).toEqual(other)
    await client.close(true)
  })

  it('bounds a read from its own arrival, whatever hangs before it', async () => {
    await using proxy = await proxyTo(new URL(inject('mongodbUri')).host)
    const client = new MongoClient(`mongodb://${proxy.address}/?directConnection=true`)
    const store = mongoStore(client.db(name('test')), { timeout: 1 })
    await store.read('a', [])
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
    const client = new MongoClient(uri, { serverSelectionTimeoutMS: 50 })
    const store = mongoStore(client.db(name('test')), { timeout: TIMEOUT })
    await store.read('a', [])
    await proxy[Symbol.asyncDispose]()
    for (const [operation, run] of Object.entries(OPERATIONS)) {
      const outage = await outageOf(() => run(store))
      expect(outage.after).toBeLessThan(SOON)
      // A bulk write's error holds the other's message only.
      const [cause] = causesOf(outage)
      expect(cause).toBe(
        operation === 'touch' ? 'MongoBulkWriteError' : 'MongoServerSelectionError',
      )
    }
    await client.close(true)
  })
})

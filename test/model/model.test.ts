import { memoryStore, type SessionStore } from '@adjourn/core'
import { mongoStore } from '@adjourn/mongodb'
import { sqliteStore } from '@adjourn/sqlite'
import * as fc from 'fast-check'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, inject, it } from 'vitest'
import { commands } from './commands.ts'
import { Oracle } from './oracle.ts'

/** `npm run test:long` runs more. */
const RUNS = Number(process.env['ADJOURN_SEQUENCES'] ?? 50)

/** Random sequences of calls, on a store and on the oracle together. A failure prints its seed. */
async function compare(create: () => Promise<SessionStore>, numRuns: number): Promise<void> {
  const property = fc.asyncProperty(commands, async (sequence) => {
    const store = await create()
    const model = { oracle: new Oracle(), now: Date.UTC(2050, 0, 1) }
    await fc.asyncModelRun(() => ({ model, real: store }), sequence)
    await store.close?.()
  })
  await fc.assert(property, { numRuns })
}

describe('a random sequence of calls is answered as the oracle answers it', () => {
  const client = new MongoClient(inject('mongodbUri'))
  const db = client.db('model')
  beforeAll(async () => {
    await db.dropDatabase()
    await mongoStore(db).ensureIndexes()
  })
  afterAll(async () => {
    await db.dropDatabase()
    await client.close()
  })

  it('by the memory store', { timeout: 600_000 }, () =>
    compare(async () => memoryStore({ maxSessions: 100 }), RUNS * 20),
  )
  it('by SQLite', { timeout: 600_000 }, () =>
    compare(async () => sqliteStore(':memory:'), RUNS * 5),
  )
  it('by MongoDB', { timeout: 600_000 }, () =>
    compare(async () => {
      await db.collection('sessions').deleteMany({})
      return mongoStore(db)
    }, RUNS),
  )
})

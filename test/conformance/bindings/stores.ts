import { memoryStore, type SessionStore } from '@adjourn/core'
import { mongoStore } from '@adjourn/mongodb'
import { sqliteStore } from '@adjourn/sqlite'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, inject } from 'vitest'

/** Registers the same tests on the memory store, on SQLite and, in a database of that name, on MongoDB. */
export function onEachStore(
  database: string,
  register: (createStore: () => SessionStore) => void,
): void {
  describe('on the memory store', () => register(memoryStore))
  // The mutation run has these tests hundreds of times, for what core does on any store.
  if (process.env['ADJOURN_STORES'] === 'memory') return
  describe('on SQLite', () => register(() => sqliteStore(':memory:')))
  describe('on MongoDB', () => {
    const client = new MongoClient(inject('mongodbUri'))
    const db = client.db(database)
    beforeAll(async () => {
      await db.dropDatabase()
    })
    afterAll(async () => {
      await db.dropDatabase()
      await client.close()
    })
    register(() => mongoStore(db))
  })
}

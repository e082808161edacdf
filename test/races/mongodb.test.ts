import { mongoStore } from '@adjourn/mongodb'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, inject } from 'vitest'
import { freshWorld, randomRaces } from './suite.ts'

/** Schedules of each pair; `npm run test:long` runs more. */
const RUNS = Number(process.env['ADJOURN_RANDOM_SCHEDULES'] ?? 1)

describe('on MongoDB', () => {
  const client = new MongoClient(inject('mongodbUri'))
  const db = client.db('races')
  beforeAll(async () => {
    await db.dropDatabase()
  })
  afterAll(async () => {
    await db.dropDatabase()
    await client.close()
  })
  const store = mongoStore(db)
  const arena = async () => {
    // Epochs outlive their race, that of everyone for one.
    await db.collection('sessions').deleteMany({})
    return freshWorld(store)
  }
  randomRaces(arena, { each: RUNS, triples: RUNS * 100 })
})

import { sqliteStore } from '@adjourn/sqlite'
import { describe } from 'vitest'
import { randomRaces } from './suite.ts'
import { createWorld } from './world.ts'

/** Schedules of each pair; `npm run test:long` runs more. */
const RUNS = Number(process.env['ADJOURN_RANDOM_SCHEDULES'] ?? 1)

const world = await createWorld()

describe('on SQLite', () => {
  randomRaces(async () => ({ store: sqliteStore(':memory:'), world }), {
    each: RUNS,
    triples: RUNS * 200,
  })
})

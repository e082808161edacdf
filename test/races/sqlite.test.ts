import { sqliteStore } from '@adjourn/sqlite'
import { describe } from 'vitest'
import { randomRaces } from './suite.ts'
import { createWorld } from './world.ts'

/** `npm run test:long` runs more. */
const RUNS = Number(process.env['ADJOURN_SCHEDULES'] ?? 200)

const world = await createWorld()

describe('on SQLite', () => {
  randomRaces(async () => ({ store: sqliteStore(':memory:'), world }), {
    pairs: RUNS,
    triples: RUNS,
  })
})

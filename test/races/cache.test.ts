import { memoryStore } from '@adjourn/core'
import { describe } from 'vitest'
import { randomRaces } from './suite.ts'
import { createWorld } from './world.ts'

/** Schedules of each pair; `npm run test:long` runs more. */
const RUNS = Number(process.env['ADJOURN_RANDOM_SCHEDULES'] ?? 1)

const world = await createWorld()

// A feed that tells before the answer leaves a cache no moment to be wrong in, so that every verdict
// holds as it does without. What one that tells later may leave is a matter of time, not of order.
for (const cache of ['cold', 'warm'] as const) {
  describe(`nodes whose caches are ${cache}, on the memory store`, () => {
    const arena = async () => ({ store: memoryStore({ maxSessions: 100 }), world, cache })
    randomRaces(arena, { each: RUNS, triples: RUNS * 200 })
  })
}

import { memoryStore } from '@adjourn/core'
import { describe, it } from 'vitest'
import { nameOf, pairs } from './pairs.ts'
import { judge, randomRaces } from './suite.ts'
import { exhaust } from './turnstile.ts'
import { createWorld } from './world.ts'

/** How many schedules of each pair are run, and triples; `npm run test:long` runs more. */
const MOST = Number(process.env['ADJOURN_SCHEDULES'] ?? 200)

const world = await createWorld()
const arena = async () => ({ store: memoryStore({ maxSessions: 100 }), world })

describe('every pair, on the memory store', () => {
  for (const contenders of pairs) {
    it(nameOf(contenders), { timeout: 600_000 }, async () => {
      await exhaust(MOST, (choose) => judge(arena, contenders, choose))
    })
  }
})

describe('on the memory store', () => randomRaces(arena, { each: 1, triples: MOST * 10 }))

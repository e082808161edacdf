import { memoryStore } from '@adjourn/core'
import * as fc from 'fast-check'
import { describe, it } from 'vitest'
import { nameOf, pairs } from './pairs.ts'
import { explore, judge, randomRaces } from './suite.ts'
import { exhaust } from './turnstile.ts'
import { createWorld } from './world.ts'

/** All schedules of a pair are run up to so many, then so many at random; more in `test:long`. */
const MOST = Number(process.env['ADJOURN_SCHEDULES'] ?? 200)

const world = await createWorld()
const arena = async () => ({ store: memoryStore({ maxSessions: 100 }), world })

describe('every pair, on the memory store', () => {
  for (const contenders of pairs) {
    it(nameOf(contenders), { timeout: 600_000 }, async () => {
      const count = await exhaust(MOST, (choose) => judge(arena, contenders, choose))
      // There are more, and the first ones are much alike.
      if (count === MOST) await explore(arena, fc.constant(contenders), MOST)
    })
  }
})

describe('on the memory store', () => randomRaces(arena, { each: 1, triples: MOST * 10 }))

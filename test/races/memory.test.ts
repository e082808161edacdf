import { memoryStore } from '@adjourn/core'
import { describe, expect, it } from 'vitest'
import { operations } from './operations.ts'
import { race } from './race.ts'
import { exhaust } from './turnstile.ts'
import { verdict } from './verdict.ts'
import { createWorld } from './world.ts'

/** Schedules of a pair that are run; ADJOURN_SCHEDULES sets how many. */
const MOST = Number(process.env['ADJOURN_SCHEDULES'] ?? 300)

const world = await createWorld()

describe('every pair, on the memory store', () => {
  for (const [at, first] of operations.entries()) {
    for (const second of operations.slice(at)) {
      for (const target of ['a', 'b'] as const) {
        it(`${first.name} against ${second.name} of ${target}`, async () => {
          const contenders = [
            { operation: first, target: 'a' },
            { operation: second, target },
          ] as const
          await exhaust(MOST, async (choose) => {
            const outcome = await race(
              { store: memoryStore({ maxSessions: 100 }), world },
              contenders,
              choose,
            )
            const schedule = outcome.steps.map(({ actor, operation }) => `${actor}:${operation}`)
            expect(await verdict(outcome), schedule.join(' ')).toEqual([])
          })
        })
      }
    }
  }
})

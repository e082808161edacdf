import type { SessionStore } from '@adjourn/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { operations } from './operations.ts'
import { nameOf, pairs } from './pairs.ts'
import { race, type Contender, type Ground } from './race.ts'
import { regressions } from './regressions.ts'
import type { Choose, Waiting } from './turnstile.ts'
import { verdict } from './verdict.ts'
import { createWorld } from './world.ts'

/** A new ground for each race. */
export type Arena = () => Promise<Ground>

/** Runs one race, and fails with the schedule that broke a rule. */
export async function judge(
  arena: Arena,
  contenders: readonly Contender[],
  choose: Choose,
): Promise<void> {
  const outcome = await race(await arena(), contenders, choose)
  const schedule = outcome.steps.map(({ actor, operation }) => `${actor}:${operation}`).join(' ')
  expect(await verdict(outcome), `${nameOf(contenders)}: ${schedule}`).toEqual([])
}

/** A new world for every race. */
export async function freshWorld(store: SessionStore): ReturnType<Arena> {
  return { store, world: await createWorld() }
}

/** The schedules that broke something once, and those that chance brings up. */
export function randomRaces(arena: Arena, runs: { each: number; triples: number }): void {
  describe('schedules that are known to be dangerous', () => {
    for (const { name, contenders, schedule } of regressions) {
      it(name, () => judge(arena, contenders, byActor(schedule)))
    }
  })
  it(`every pair, under ${runs.each} random schedules each`, { timeout: 1_800_000 }, async () => {
    for (const pair of pairs) await explore(arena, fc.constant(pair), runs.each)
  })
  it(`${runs.triples} random triples`, { timeout: 1_800_000 }, () => {
    const one = fc.record({
      operation: fc.constantFrom(...operations),
      target: fc.constantFrom('a' as const, 'b' as const),
    })
    return explore(arena, fc.tuple(one, one, one), runs.triples)
  })
}

/** A failure prints the seed, and the smallest schedule that was found. */
export async function explore(
  arena: Arena,
  contenders: fc.Arbitrary<readonly Contender[]>,
  numRuns: number,
): Promise<void> {
  const choices = fc.array(fc.nat(30), { minLength: 10, maxLength: 40 })
  const property = fc.asyncProperty(contenders, choices, async (each, choice) => {
    let at = 0
    await judge(arena, each, (waiting) => (choice[at++ % choice.length] ?? 0) % waiting.length)
  })
  await fc.assert(property, { numRuns, endOnFailure: false })
}

/** The actors in the order of the digits; whoever waits, where that one does not. */
function byActor(schedule: string): Choose {
  let at = 0
  return (waiting: readonly Waiting[]) => {
    const actor = Number(schedule[at++])
    return Math.max(
      0,
      waiting.findIndex((each) => each.actor === actor),
    )
  }
}

/** A suite that cannot fail proves nothing: each clause has to catch a store that breaks it. */
import { memoryStore, type SessionStore } from '@adjourn/core'
import { faultyStore, storeConformance } from '@adjourn/core/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Mutant } from './mutant.ts'
import { epochMutants } from './mutants-epochs.ts'
import { feedMutants } from './mutants-feeds.ts'
import { memberMutants } from './mutants-members.ts'
import { textMutants } from './mutants-texts.ts'
import { touchMutants } from './mutants-touches.ts'
import { writeMutants } from './mutants-writes.ts'

const MUTANTS = [
  ...writeMutants,
  ...touchMutants,
  ...epochMutants,
  ...memberMutants,
  ...textMutants,
  ...feedMutants,
]

interface Test {
  readonly clause: string
  run(): Promise<void>
}

/** The tests of the suite for a store with a feed that is changed by `mutate`. */
function collect(mutate: Mutant['mutate'], feed = true): Test[] {
  const tests: Test[] = []
  storeConformance(
    {
      describe: (_name, body) => body(),
      it: (name, run) => tests.push({ clause: name.split(' ')[0] ?? '', run }),
    },
    {
      feed,
      create: async () => {
        const faulty = faultyStore(memoryStore({ maxSessions: 5000 }))
        // Plain objects, so that a mutant is made of the methods that it does not change.
        const store: SessionStore = { ...faulty, ...mutate(faulty) }
        return {
          store,
          fault: { begin: async () => faulty.fail('all'), end: async () => faulty.restore() },
        }
      },
    },
  )
  return tests
}

/** Which clauses fail; only those named are tried, if any are. */
async function failing(mutate: Mutant['mutate'], among?: readonly string[]): Promise<string[]> {
  const clauses = new Set<string>()
  for (const { clause, run } of collect(mutate)) {
    if (among !== undefined && !among.includes(clause)) continue
    try {
      await run()
    } catch {
      clauses.add(clause)
    }
  }
  return [...clauses]
}

// Time flies, for the sake of the clauses that wait for a feed, and for one that never comes.
const { setInterval, clearInterval } = globalThis
let flying: ReturnType<typeof setInterval> | undefined
beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'],
  })
  flying = setInterval(() => vi.advanceTimersByTime(50), 1)
})
afterEach(() => {
  clearInterval(flying)
  vi.useRealTimers()
})

describe('the store conformance suite', () => {
  it('passes a sound store', async () => {
    expect(await failing(() => ({}))).toEqual([])
  })

  for (const { mistake, caughtBy, mutate } of MUTANTS) {
    it(`catches a store where ${mistake}: ${caughtBy.join(', ')}`, async () => {
      expect(await failing(mutate, caughtBy)).toEqual(caughtBy)
    })
  }

  it('catches a feed that it was not told of', async () => {
    const tests = collect(() => ({}), false).filter(({ clause }) => clause === 'S65')
    expect(tests).toHaveLength(1)
    await expect(tests[0]?.run()).rejects.toThrow()
  })

  it('has a mutant for every clause', () => {
    const clauses = new Set(collect(() => ({})).map(({ clause }) => clause))
    const caught = new Set(MUTANTS.flatMap(({ caughtBy }) => caughtBy))
    expect([...clauses].filter((clause) => !caught.has(clause))).toEqual([])
  })
})

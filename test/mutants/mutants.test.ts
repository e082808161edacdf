import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Mutant } from './mutant.ts'
import { mutants } from './mutants.ts'

/** As many as the machines have cores. */
const RUNNERS = 2

const idle: ChildProcess[] = []
const waiting: ((runner: ChildProcess) => void)[] = []

async function startRunner(): Promise<ChildProcess> {
  const outer = Object.entries(process.env).filter(([key]) => !key.startsWith('VITEST'))
  const runner = fork(join(import.meta.dirname, 'runner.ts'), {
    env: {
      ...Object.fromEntries(outer),
      ADJOURN_MUTATION: JSON.stringify({ file: '', edits: [] }),
      MONGODB_URI: inject('mongodbUri'),
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  await once(runner, 'message')
  return runner
}

/** Lends a runner; each has one mutant at a time. */
async function withRunner<T>(use: (runner: ChildProcess) => Promise<T>): Promise<T> {
  const runner = idle.pop() ?? (await new Promise<ChildProcess>((lend) => waiting.push(lend)))
  try {
    return await use(runner)
  } finally {
    const next = waiting.shift()
    if (next === undefined) idle.push(runner)
    else next(runner)
  }
}

async function outcomeOf(runner: ChildProcess, mutant: Mutant): Promise<unknown> {
  const answered = once(runner, 'message')
  runner.send(mutant)
  const [outcome] = (await answered) as [unknown]
  return outcome
}

beforeAll(async () => {
  idle.push(...(await Promise.all(Array.from({ length: RUNNERS }, startRunner))))
})
afterAll(async () => {
  const exits = idle.map((runner) => once(runner, 'exit'))
  for (const runner of idle) runner.disconnect()
  await Promise.all(exits)
})

it.concurrent('the tests pass on what is not mutated', { timeout: 600_000 }, async () => {
  const [mutant] = mutants
  if (mutant === undefined) throw new Error('There are no mutants')
  const outcome = await withRunner((runner) => outcomeOf(runner, { ...mutant, edits: [] }))
  expect(outcome).toEqual({ failures: 0 })
})

describe.concurrent('is noticed:', () => {
  for (const mutant of mutants) {
    // Most of it is waiting for the others.
    it(mutant.name, { timeout: 600_000 }, async () => {
      const outcome = await withRunner((runner) => outcomeOf(runner, mutant))
      expect(outcome).toEqual({ failures: expect.any(Number) as number })
      expect(outcome).not.toEqual({ failures: 0 })
    })
  }
})

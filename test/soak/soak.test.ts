/**
 * An app under load and faults, for as long as ADJOURN_SOAK_MINUTES says (`npm run test:long`). Nothing
 * that it holds may grow, nobody may be back from an end, and nobody may be signed out.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startMongod, type RunningMongod } from '../../tools/mongod.ts'
import type { Counts } from './load.ts'

const SCRIPT = fileURLToPath(new URL('child.ts', import.meta.url))
const SECONDS = Number(process.env['ADJOURN_SOAK_MINUTES']) * 60
/** For the start, the end, and what is under way when time is up. */
const SLACK = 90
/** A process with nothing left to do exits by itself. */
const EXIT_SECONDS = 10

interface Result {
  readonly problems: readonly string[]
  readonly counts: Counts
  readonly samples: number
}

async function soak(kind: string, place: string, seconds: number, ...rest: readonly string[]) {
  const options = [
    '--expose-gc',
    '--conditions=@adjourn/source',
    '--disable-warning=ExperimentalWarning',
  ]
  const args = [...options, SCRIPT, kind, place, String(seconds), ...rest]
  const env = { ...process.env, NODE_ENV: 'production' }
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const overdue = setTimeout(() => child.kill('SIGKILL'), (seconds + SLACK) * 1000)
  let result: Result | undefined
  let doneAt = Infinity
  const exited = once(child, 'exit') as Promise<[number | null]>
  for await (const line of createInterface(child.stdout)) {
    const said = JSON.parse(line) as { progress: string } | Result
    if ('progress' in said) {
      console.log(said.progress)
      continue
    }
    result = said
    doneAt = performance.now()
    clearTimeout(overdue)
    setTimeout(() => child.kill('SIGKILL'), EXIT_SECONDS * 1000).unref()
  }
  const [code] = await exited
  clearTimeout(overdue)
  return { code, ...result, exitedAfter: (performance.now() - doneAt) / 1000 }
}

describe('an app that runs for long', { timeout: (SECONDS + SLACK + EXIT_SECONDS) * 1000 }, () => {
  let folder: string
  let mongod: RunningMongod
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'adjourn-soak-'))
    mongod = await startMongod({ replicaSet: 1, log: () => {} })
  })
  afterAll(async () => {
    await mongod.stop()
    rmSync(folder, { recursive: true })
  })

  it.concurrent.each<[string, () => string]>([
    ['MongoDB', () => mongod.uri],
    ['SQLite', () => join(folder, 'sessions.db')],
    ['memory', () => ''],
  ])(
    'holds no more at its end than at its beginning, and loses nobody: %s',
    async (kind, place) => {
      const { code, problems, counts, samples, exitedAfter } = await soak(kind, place(), SECONDS)
      expect({ code, problems }).toEqual({ code: 0, problems: [] })
      expect(exitedAfter).toBeLessThan(EXIT_SECONDS)
      expect(samples).toBeGreaterThanOrEqual(6)
      expect(Object.values<number>({ ...counts }).filter((count) => count === 0)).toEqual([])
    },
  )

  it.concurrent('is found to leak where it does', async () => {
    const { problems } = await soak('memory', '', 6, 'leak')
    expect(problems).toEqual(expect.arrayContaining([expect.stringMatching(/^heap went from/)]))
  })
})

import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { JsonTestResults } from 'vitest/node'
import type { Mutant } from './mutant.ts'
import { mutants } from './mutants.ts'

const root = join(import.meta.dirname, '..', '..')
let folder: string

/** Runs a mutant's tests against it; resolves to how many of them failed. */
async function failuresOf({ name, file, edits, tests, only }: Mutant): Promise<number> {
  const report = join(folder, `${name.replaceAll(/\W/g, '-')}.json`)
  const outer = Object.entries(process.env).filter(([key]) => !key.startsWith('VITEST'))
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...tests, '-t', only, '--bail=1']
  const output = ['--reporter=json', `--outputFile.json=${report}`]
  await promisify(execFile)(process.execPath, [...vitest, ...output], {
    cwd: root,
    env: {
      ...Object.fromEntries(outer),
      ADJOURN_MUTATION: JSON.stringify({ file, edits }),
      MONGODB_URI: inject('mongodbUri'),
    },
    maxBuffer: 64 * 1024 * 1024,
  }).catch(() => {})
  // A file that does not even load has no failed tests, and proves nothing.
  const { numFailedTests } = JSON.parse(await readFile(report, 'utf8')) as JsonTestResults
  return numFailedTests
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'adjourn-mutants-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe.concurrent('is noticed:', () => {
  for (const mutant of mutants) {
    it(mutant.name, { timeout: 120_000 }, async () => {
      expect(await failuresOf(mutant)).toBeGreaterThan(0)
    })
  }
})

import { join, matchesGlob } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const root = join(import.meta.dirname, '..', '/')
const tests = (process.env['ADJOURN_MUTATION_TESTS'] ?? '').split(' ')

const placeOf = ({ moduleId }: TestSpecification): number =>
  tests.findIndex((pattern) => matchesGlob(moduleId, `**/${pattern}`))

/** The first test that fails ends a mutant: the files come in the order in which they are listed. */
class AsListed extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => placeOf(a) - placeOf(b))
  }
}

export default defineConfig({
  root,
  resolve: {
    // Stryker works on a copy, whose node_modules are the repository's and lead back to it.
    alias: [
      { find: /^@adjourn\/(\w+)$/, replacement: `${root}packages/$1/src/index.ts` },
      { find: '@adjourn/core/testing', replacement: `${root}packages/core/src/testing/index.ts` },
      { find: /^@adjourn\/(\w+)\/(\w+)$/, replacement: `${root}packages/$1/src/$2.ts` },
    ],
  },
  test: {
    include: tests,
    setupFiles: ['./test/setup.ts'],
    globalSetup: tests.some((pattern) => pattern.startsWith('test/'))
      ? ['./test/global-setup.ts']
      : [],
    sequence: { sequencer: AsListed },
    // One worker keeps what it has loaded.
    isolate: false,
    env: { ADJOURN_STORES: 'memory', ADJOURN_FRAMEWORKS: 'Hono' },
    testTimeout: 20_000,
    hookTimeout: 60_000,
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
  },
})

import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { isMutating, mutating } from './test/mutants/plugin.ts'

/** Left to `npm run test:long` and `npm run test:mutants`, by the minutes that they take. */
const LONG = [
  '**/node_modules/**',
  ...(process.env['ADJOURN_BROWSER'] === 'all'
    ? []
    : ['test/browser/demo-{admin,devices,plain,why}.test.ts']),
  ...(process.env['ADJOURN_CONSUMERS'] === 'all' ? [] : ['test/consumers/installed.test.ts']),
  ...(process.env['ADJOURN_MUTANTS'] === 'all' ? [] : ['test/mutants/mutants.test.ts']),
  ...(process.env['ADJOURN_SOAK_MINUTES'] === undefined ? ['test/soak/soak.test.ts'] : []),
]

const isSoak = ({ moduleId }: TestSpecification): boolean => moduleId.includes('/test/soak/')

/** The soak takes as long as everything else: it runs beside that, and not after it. */
class SoakFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- it is not an array's
    const sorted = await super.sort(files)
    return [...sorted.filter(isSoak), ...sorted.filter((file) => !isSoak(file))]
  }
}

export default defineConfig({
  plugins: [mutating(import.meta.dirname)],
  // Tests run the workspaces' TypeScript sources: no build in between, and traces that point at them.
  ssr: {
    resolve: { conditions: ['@adjourn/source', 'module', 'node', 'development|production'] },
  },
  test: {
    // Keyed by the source alone: a mutation would be served from it, or stay in it.
    fsModuleCache: !isMutating(),
    setupFiles: ['./test/setup.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    sequence: { sequencer: SoakFirst },
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
    passWithNoTests: false,
    // An unhandled rejection fails the run, even where every test passed.
    dangerouslyIgnoreUnhandledErrors: false,
    projects: [
      { extends: true, test: { name: 'packages', include: ['packages/*/test/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: LONG,
          globalSetup: ['./test/global-setup.ts'],
        },
      },
    ],
  },
})

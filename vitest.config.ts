import { defineConfig } from 'vitest/config'
import { isMutating, mutating } from './test/mutants/plugin.ts'

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
    // One more than the cores of the smallest machine: many tests wait for servers and browsers.
    maxWorkers: 3,
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
          globalSetup: ['./test/global-setup.ts'],
        },
      },
    ],
  },
})

/** Files to break, and the tests that must notice. */
export interface Group {
  readonly name: string
  readonly mutate: readonly string[]
  /** Patterns of test files. What one step does not notice, the next one gets. */
  readonly steps: readonly (readonly string[])[]
}

const core = (names: string): string => `packages/core/src/{${names}}.ts`

export const groups: readonly Group[] = [
  {
    name: 'core',
    mutate: [
      // Lifecycle.
      core('request-session,state,write,start'),
      core('cookie,cookie-slot,seal'),
      // Epochs.
      core('revoke,groups,fence'),
      core('memory-store,record'),
    ],
    steps: [
      ['packages/core/test/**/*.test.ts'],
      [
        'test/conformance/stores/memory.test.ts',
        'test/guarantees/**/*.test.ts',
        'test/features/**/*.test.ts',
        'test/conformance/bindings/hono.test.ts',
      ],
    ],
  },
  {
    name: 'sqlite',
    mutate: ['packages/sqlite/src/{sqlite-store,rows,statements}.ts'],
    steps: [
      [
        'test/sqlite/{calls,file,plans,feed,locks}.test.ts',
        'test/conformance/stores/sqlite.test.ts',
      ],
    ],
  },
  {
    name: 'mongodb',
    mutate: ['packages/mongodb/src/{mongo-store,document,filters,epoch-update}.ts'],
    steps: [
      ['test/conformance/stores/mongodb.test.ts'],
      ['test/mongodb/{epochs,indexes,options,reads,writes}.test.ts'],
      ['test/mongodb/{failpoints,hung,watch,watch-failures}.test.ts'],
    ],
  },
]

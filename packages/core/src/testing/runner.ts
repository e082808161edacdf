/** What a suite needs of a test runner. Vitest, Jest, Mocha, node:test and bun:test all fit. */
export interface Runner {
  readonly describe: (name: string, body: () => void) => unknown
  readonly it: (name: string, body: () => Promise<void>) => unknown
}

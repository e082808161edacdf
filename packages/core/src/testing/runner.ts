/** What a suite needs of a test runner. Vitest, Jest, Mocha, node:test and bun:test all fit. */
export interface Runner {
  /**
   * Groups the tests that `body` registers.
   *
   * @param name What they are about.
   * @param body Registers them, at once.
   */
  readonly describe: (name: string, body: () => void) => unknown
  /**
   * Registers a test, which fails if `body` rejects.
   *
   * @param name What it shows.
   * @param body The test.
   */
  readonly it: (name: string, body: () => Promise<void>) => unknown
}

import type { Mutation } from './plugin.ts'

/** A broken Adjourn, and the tests that must notice. */
export interface Mutant extends Mutation {
  readonly name: string
  /** Test files, as filters. */
  readonly tests: readonly string[]
  /** Which tests in them. */
  readonly only: string
}

export const core = (file: string): string => `packages/core/src/${file}.ts`

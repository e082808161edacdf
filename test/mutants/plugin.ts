import { join } from 'node:path'
import type { Plugin } from 'vite'

/** A change to a source file that breaks a rule. */
export interface Mutation {
  /** From the repository's root. */
  readonly file: string
  /** What stands there once, and what is to stand there instead. */
  readonly edits: readonly (readonly [find: string, replace: string])[]
}

/** Of the process: Vitest loads its configuration, and this file with it, apart from who calls it. */
const VARIABLE = 'ADJOURN_MUTATION'

export const isMutating = (): boolean => process.env[VARIABLE] !== undefined

/** Mutates what is loaded from now on. */
export function mutate(mutation: Mutation): void {
  process.env[VARIABLE] = JSON.stringify(mutation)
}

/** Applies the mutation while the tests are loaded. */
export function mutating(root: string): Plugin {
  return {
    name: 'mutation',
    enforce: 'pre',
    transform(code, id) {
      const text = process.env[VARIABLE]
      if (text === undefined) return undefined
      const { file, edits } = JSON.parse(text) as Mutation
      if (id !== join(root, file)) return undefined
      return edits.reduce((source, [find, replace]) => {
        const parts = source.split(find)
        if (parts.length !== 2) throw new Error(`${file} has not one ${find}`)
        return parts.join(replace)
      }, code)
    },
  }
}

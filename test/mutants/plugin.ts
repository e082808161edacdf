import { join } from 'node:path'
import type { Plugin } from 'vite'

/** A change to a source file that breaks a rule. */
export interface Mutation {
  /** From the repository's root. */
  readonly file: string
  /** What stands there once, and what is to stand there instead. */
  readonly edits: readonly (readonly [find: string, replace: string])[]
}

/** Applies the mutation that ADJOURN_MUTATION holds, as JSON, while the tests are loaded. */
export function mutating(root: string): Plugin {
  const text = process.env['ADJOURN_MUTATION']
  const mutation = text === undefined ? undefined : (JSON.parse(text) as Mutation)
  return {
    name: 'mutation',
    enforce: 'pre',
    transform(code, id) {
      if (mutation === undefined || id !== join(root, mutation.file)) return undefined
      return mutation.edits.reduce((source, [find, replace]) => {
        const parts = source.split(find)
        if (parts.length !== 2) throw new Error(`${mutation.file} has not one ${find}`)
        return parts.join(replace)
      }, code)
    },
  }
}

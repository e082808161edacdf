import { join } from 'node:path'
import type { Plugin } from 'vite'

/** One change to a source file that breaks a rule. */
export interface Mutation {
  /** From the repository's root. */
  readonly file: string
  readonly find: string
  readonly replace: string
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
      const parts = code.split(mutation.find)
      if (parts.length !== 2) throw new Error(`${mutation.file} has not one ${mutation.find}`)
      return parts.join(mutation.replace)
    },
  }
}

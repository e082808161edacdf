import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { mutants } from './mutants.ts'

const root = join(import.meta.dirname, '..', '..')

// They run in `npm run test:mutants`; that one no longer fits is to be seen at once.
it.each(mutants)('has something to break: $name', ({ file, edits }) => {
  const code = readFileSync(join(root, file), 'utf8')
  for (const [find] of edits) expect(code.split(find)).toHaveLength(2)
})

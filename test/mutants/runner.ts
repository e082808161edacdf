/** Runs mutants one after the other in one Vitest: what is not mutated is loaded once. */
import { join } from 'node:path'
import { createVitest } from 'vitest/node'
import type { Mutant } from './mutant.ts'
import { mutate } from './plugin.ts'

const root = join(import.meta.dirname, '..', '..')
const silent = {}
const vitest = await createVitest({ root, watch: false, bail: 1, reporters: [silent] })

/** Resolves to how many tests failed. A file that does not even load has none, and proves nothing. */
async function failuresOf({ file, edits, tests, only }: Mutant): Promise<number> {
  mutate({ file, edits })
  vitest.invalidateFile(join(root, file))
  vitest.setGlobalTestNamePattern(only)
  const { testModules } = await vitest.runTestSpecifications(
    await vitest.globTestSpecifications([...tests]),
  )
  vitest.invalidateFile(join(root, file))
  return testModules.flatMap(({ children }) => [...children.allTests('failed')]).length
}

process.on('message', (mutant: Mutant) => {
  failuresOf(mutant).then(
    (failures) => process.send?.({ failures }),
    (error: unknown) => process.send?.({ error: String(error) }),
  )
})
process.once('disconnect', () => void vitest.close())
process.send?.('ready')

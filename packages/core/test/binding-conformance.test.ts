import { bindingConformance } from '@adjourn/core/testing'
import { expect, it } from 'vitest'

it('numbers the clauses of the binding suite from 1, without a gap', () => {
  const names: string[] = []
  const runner = {
    describe: (_name: string, body: () => void) => body(),
    it: (name: string) => names.push(name),
  }
  bindingConformance(runner, { start: () => Promise.reject(new Error('not started')) })
  const numbers = names.map((name) => name.split(' ')[0])
  expect(numbers).toEqual(names.map((_name, index) => `B${index + 1}`))
  expect(names).toHaveLength(60)
})

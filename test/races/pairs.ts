import { operations, type Operation } from './operations.ts'
import type { Contender } from './race.ts'

/** Every pair of operations; the second on the same session as the first, or on the other. */
export const pairs: readonly (readonly [Contender, Contender])[] = operations.flatMap((first, at) =>
  operations
    .slice(at)
    .flatMap((second) =>
      (['a', 'b'] as const).map((target) => pair(first, { operation: second, target })),
    ),
)

function pair(first: Operation, second: Contender): readonly [Contender, Contender] {
  return [{ operation: first, target: 'a' }, second]
}

export function nameOf(contenders: readonly Contender[]): string {
  const names = contenders.map(({ operation, target }) => `${operation.name} of ${target}`)
  return names.join(' against ')
}

/** Looks an operation up by its name. */
export function contender(name: string, target: 'a' | 'b' = 'a'): Contender {
  const operation = operations.find((each) => each.name === name)
  if (operation === undefined) throw new Error(`There is no operation ${name}`)
  return { operation, target }
}

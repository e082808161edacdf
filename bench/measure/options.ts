import { parseArgs } from 'node:util'

export interface Options {
  readonly quick: boolean
  readonly check: boolean
  /** Names of cases; empty: all. */
  readonly only: readonly string[]
}

/** @throws with every mistake named. */
export function parseOptions(args: readonly string[], cases: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
    },
  })
  const only = values.only.flatMap((list) => list.split(',').map((name) => name.trim()))
  const unknown = only.filter((name) => !cases.includes(name))
  if (unknown.length > 0) {
    throw new Error(`No such case: ${unknown.join(', ')}. There are ${cases.join(', ')}.`)
  }
  if (values.check && only.length > 0) {
    throw new Error('--check runs the cases that have floors; --only does not go with it.')
  }
  return { quick: values.quick, check: values.check, only }
}

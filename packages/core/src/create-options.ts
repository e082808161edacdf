import { assertKeys, own, refuse } from './check.ts'
import { groupsOf } from './groups.ts'
import type { CreateOptions } from './session.ts'

/** A browser's name for itself may be long; it goes into every list. */
const LONGEST_FACT = 4096

const OPTIONS = ['userId', 'data', 'tags', 'federation', 'fence', 'device']
const FACTS = ['label', 'userAgent', 'ip']

/** Refuses what is wrong with the arguments of `create` before anything is written. */
export function assertCreateOptions(options: CreateOptions<object>): void {
  assertKeys(options, OPTIONS, 'create')
  const { device, ...rest } = own(options)
  groupsOf(own(rest))
  assertKeys(device, FACTS, 'create({ device })')
  const wrong = Object.entries(device ?? {}).filter(
    ([, fact]) => fact !== undefined && !(typeof fact === 'string' && fact.length <= LONGEST_FACT),
  )
  refuse(
    wrong.map(([key]) => `device.${key} must be a string of at most ${LONGEST_FACT} characters`),
  )
}

import type { Case } from '../measure/bench.ts'
import { anonymous, login, read, save } from './whole-requests.ts'

/** In the order in which they run. */
export const cases: ReadonlyMap<string, Case> = new Map<string, Case>([
  ['read', read],
  ['anonymous', anonymous],
  ['login', login],
  ['save', save],
])

import type { Case } from '../measure/bench.ts'
import { read } from './read.ts'

/** In the order in which they run. */
export const cases: ReadonlyMap<string, Case> = new Map<string, Case>([['read', read]])

import type { Case } from '../measure/bench.ts'
import { cold } from './cold.ts'
import { logout } from './logout.ts'
import { memory } from './memory.ts'
import { million } from './million.ts'
import { revoke } from './revoke.ts'
import { sockets } from './sockets.ts'
import { thrash } from './thrash.ts'
import { anonymous, login, read, save } from './whole-requests.ts'

/** In the order in which they run. */
export const cases: ReadonlyMap<string, Case> = new Map<string, Case>([
  ['read', read],
  ['anonymous', anonymous],
  ['login', login],
  ['logout', logout],
  ['save', save],
  ['revoke', revoke],
  ['thrash', thrash],
  ['million', million],
  ['sockets', sockets],
  ['cold', cold],
  ['memory', memory],
])

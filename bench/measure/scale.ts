/** How much is measured. */
export interface Scale {
  readonly rounds: number
  /** Milliseconds that a subject's turn in a round takes. */
  readonly turn: number
  /** Milliseconds that it runs before the first round. */
  readonly warmUp: number
  /** Of a signed-in user's requests; the other cases have 32. */
  readonly connections: readonly number[]
  /** Sessions that the connections walk. */
  readonly sessions: number
  /** Logouts in a turn over one connection; 32 make more. */
  readonly logouts: number
  /** How many sessions the user has whose sessions are revoked. */
  readonly revoked: readonly number[]
  /** Sessions in the small and in the large collection. */
  readonly collections: readonly [small: number, large: number]
  /** Those of them that are read. */
  readonly readers: number
  /** Sessions in the memory store. */
  readonly inMemory: number
  /** More cookies than are remembered unsealed. */
  readonly cookies: number
}

export const FULL: Scale = {
  rounds: 7,
  turn: 700,
  warmUp: 700,
  connections: [1, 8, 32, 128],
  sessions: 100,
  logouts: 100,
  revoked: [1, 100, 10_000],
  collections: [10_000, 1_000_000],
  readers: 2000,
  inMemory: 100_000,
  cookies: 20_000,
}

export const QUICK: Scale = {
  rounds: 3,
  turn: 100,
  warmUp: 100,
  connections: [1, 32, 128],
  sessions: 100,
  logouts: 20,
  revoked: [1, 100, 1000],
  collections: [1000, 20_000],
  readers: 200,
  inMemory: 10_000,
  cookies: 10_500,
}

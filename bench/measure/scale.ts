/** How much is measured. */
export interface Scale {
  readonly rounds: number
  /** Milliseconds that a subject's turn in a round takes. */
  readonly turn: number
  /** Milliseconds that it runs before the first round. */
  readonly warmUp: number
  readonly connections: readonly number[]
  /** Sessions that the connections walk. */
  readonly sessions: number
}

export const FULL: Scale = {
  rounds: 9,
  turn: 1000,
  warmUp: 1000,
  connections: [1, 8, 32, 128],
  sessions: 100,
}

export const QUICK: Scale = {
  rounds: 3,
  turn: 150,
  warmUp: 200,
  connections: [1, 8, 32, 128],
  sessions: 100,
}

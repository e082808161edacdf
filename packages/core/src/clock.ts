/** Where core reads the time: milliseconds since the epoch. `Date` itself is one. */
export interface Clock {
  /** Now, in milliseconds since the epoch. */
  now(): number
}

/**
 * Where core gets its secrets: `bytes` bytes from a cryptographic source.
 *
 * @param bytes How many.
 */
export type RandomSource = (bytes: number) => Uint8Array

// Read through the globals at each call, so that fake timers installed later are seen.
export const systemClock: Clock = { now: () => Date.now() }

export const systemRandom: RandomSource = (bytes) => crypto.getRandomValues(new Uint8Array(bytes))

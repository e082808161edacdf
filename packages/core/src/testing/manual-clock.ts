import type { Clock } from '../index.ts'

/** A clock that stands still until it is told to move. */
export interface ManualClock extends Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /**
   * Moves by so many seconds; a negative number goes back, as a real clock may.
   *
   * @param seconds Whole or not.
   */
  advance(seconds: number): void
  /**
   * Moves to this instant.
   *
   * @param date In the past or the future.
   */
  set(date: Date): void
}

// In the future, so that a database's expiry monitor leaves a test's sessions alone.
const START = new Date('2060-01-01T00:00:00.000Z')

/**
 * For `createSessions({ clock })` in tests: no test needs to sleep.
 *
 * @param start Default: the first instant of 2060.
 * @example
 * ```ts
 * import { createSessions } from '@adjourn/core'
 * import { manualClock } from '@adjourn/core/testing'
 *
 * const clock = manualClock()
 * const sessions = createSessions({ secrets, clock, idleTimeout: 3600 })
 * clock.advance(3600) // idle sessions have now expired
 * ```
 */
export function manualClock(start: Date = START): ManualClock {
  let time = valid(start.getTime())
  return {
    now: () => time,
    advance(seconds) {
      time = valid(time + seconds * 1000)
    },
    set(date) {
      time = valid(date.getTime())
    },
  }
}

function valid(time: number): number {
  if (Number.isNaN(new Date(time).getTime())) throw new RangeError('Not a time')
  return time
}

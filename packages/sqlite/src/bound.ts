import { isBusy, mapError, timedOut } from './map-error.ts'

export interface Bound {
  /**
   * Runs `work` as soon as no other connection's lock is in its way, which is at once as a rule, and
   * fails if one still is when the store's bound is reached. Nothing else is tried again.
   *
   * @param work Takes effect as a whole or, where it throws, not at all.
   */
  run<T>(operation: string, work: () => T): Promise<T>
}

/** How long a lock that is in the way is left alone. */
export const PAUSE_MS = 2

/**
 * SQLite's own busy timeout would wait with the event loop stopped, call after call; this one waits
 * without. Calls that wait do so together: one try at a time, however many they are, in the order of
 * their arrival.
 *
 * @param assertOpen Throws once the store is closed.
 */
export function createBound(seconds: number, assertOpen: () => void): Bound {
  let pause: Promise<void> | undefined
  let lastFailure: unknown

  return {
    async run(operation, work) {
      const limit = performance.now() + seconds * 1000
      for (;;) {
        assertOpen()
        if (pause === undefined) {
          try {
            return work()
          } catch (error) {
            if (!isBusy(error)) throw mapError(operation, error)
            lastFailure = error
            pause = sleep(PAUSE_MS).finally(() => {
              pause = undefined
            })
          }
        }
        if (performance.now() >= limit) throw timedOut(operation, seconds, lastFailure)
        await pause
      }
    },
  }
}

/** Long enough for every other process that waits for the lock to have its try. */
export const letOthersIn = (): Promise<void> => sleep(2 * PAUSE_MS)

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))

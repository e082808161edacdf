import { LRUCache } from 'lru-cache'
import { SingleFlight } from './single-flight.ts'

/** Tokens that have been acted upon, in the memory of this process. */
export interface Once {
  /**
   * Runs an action for a token, unless it was done. Who comes while it is being done waits for it. An
   * action that failed may be run again.
   *
   * @returns False if it was not run, and is done.
   */
  run(id: string, act: () => Promise<void>): Promise<boolean>
}

/** Bounds for a provider that goes wild: what is forgotten first is what was seen longest ago. */
const MOST_TOKENS = 100_000
const MOST_CHARACTERS = 16 * 1024 * 1024

/** In milliseconds. Stores give up earlier. */
const LONGEST = 10_000

/** Who asks has refused tokens that are too old, so nothing need be forgotten but for its room. */
export function createOnce(): Once {
  const seen = new LRUCache<string, true>({
    max: MOST_TOKENS,
    maxSize: MOST_CHARACTERS,
    sizeCalculation: (_true, id) => id.length,
  })
  const flights = new SingleFlight(LONGEST)
  return {
    async run(id, act) {
      if (seen.get(id) === true) return false
      return flights.run(id, async () => {
        await act()
        seen.set(id, true)
      })
    },
  }
}

/** Looks keys up in one query; a key that is not there is not in the answer. */
export type FetchMany<T> = (keys: readonly string[]) => Promise<ReadonlyMap<string, T>>

export interface Coalescer<T> {
  /**
   * Resolves to what was found. The query that answers begins after this call; there is none once
   * the signal is aborted, when the caller waits no more.
   */
  fetch(keys: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, T>>
}

interface Waiting<T> {
  readonly keys: readonly string[]
  readonly signal: AbortSignal
  readonly resolve: (found: ReadonlyMap<string, T>) => void
  readonly reject: (error: unknown) => void
}

/** Turns of the event loop that a growing queue is given; then it goes as it is. */
const MOST_TURNS = 8

/** A query is one document of at most 16 MB; a key has at most 2 000 characters. */
const MOST_KEYS = 2000

/** What arrives while so many are in flight forms the next batch, and never joins one of them. */
const IN_FLIGHT = 2

/** Lookups that arrive together go out as one query, as soon as the queue stops growing. */
export function createCoalescer<T>(fetchMany: FetchMany<T>): Coalescer<T> {
  let queue: Waiting<T>[] = []
  let inFlight = 0
  let scheduled = false

  function schedule(): void {
    if (scheduled || queue.length === 0 || inFlight >= IN_FLIGHT) return
    scheduled = true
    waitUntilQuiet(queue.length, 1)
  }

  function waitUntilQuiet(size: number, turn: number): void {
    setImmediate(() => {
      if (queue.length > size && turn < MOST_TURNS) waitUntilQuiet(queue.length, turn + 1)
      else void flush()
    })
  }

  /** As many as fit one query, the oldest first; the rest is for the next. */
  function take(): Waiting<T>[] {
    queue = queue.filter(({ signal }) => !signal.aborted)
    let keys = 0
    const end = queue.findIndex((waiting) => (keys += waiting.keys.length) > MOST_KEYS)
    return queue.splice(0, end === -1 ? queue.length : Math.max(1, end))
  }

  async function flush(): Promise<void> {
    const batch = take()
    scheduled = false
    if (batch.length === 0) return
    inFlight++
    schedule()
    try {
      const found = await fetchMany([...new Set(batch.flatMap(({ keys }) => keys))])
      for (const { resolve } of batch) resolve(found)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    } finally {
      inFlight--
      schedule()
    }
  }

  return {
    fetch: (keys, signal) =>
      new Promise((resolve, reject) => {
        queue.push({ keys, signal, resolve, reject })
        schedule()
      }),
  }
}

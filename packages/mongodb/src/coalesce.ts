import type { Bound } from './bound.ts'

/** Looks keys up in one query; a key that is not there is not in the answer. */
export type FetchMany<T> = (keys: readonly string[]) => Promise<ReadonlyMap<string, T>>

/** What a query found, for each of those who share it. */
export interface Found<T> {
  readonly documents: ReadonlyMap<string, T>
  /** Somebody else has asked for the same record, and gets the same document. */
  readonly isShared: boolean
}

export interface Coalescer<T> {
  /**
   * Resolves to what was found under an id and under other keys. The query that answers begins after
   * this call; there is none once the bound is reached, when the caller waits no more.
   */
  fetch(id: string | undefined, keys: readonly string[]): Promise<Found<T>>
}

interface Waiting<T> {
  readonly id: string | undefined
  readonly keys: readonly string[]
  readonly since: number
  readonly failure: Bound['lastFailure']
  readonly resolve: (found: Found<T>) => void
  readonly reject: (error: unknown) => void
}

/** Turns of the event loop that a growing queue is given; then it goes as it is. */
const MOST_TURNS = 8

/** A query is one document of at most 16 MB; a key has at most 2 000 characters. */
const MOST_KEYS = 2000

/** What arrives while so many are in flight forms the next batch, and never joins one of them. */
const IN_FLIGHT = 2

type Limit = Pick<Bound, 'milliseconds' | 'lastFailure' | 'timedOut'>

/** Lookups that arrive together go out as one query, as soon as the queue stops growing. */
export function createCoalescer<T>(fetchMany: FetchMany<T>, limit: Limit): Coalescer<T> {
  return new Queue(fetchMany, limit)
}

class Queue<T> implements Coalescer<T> {
  readonly #fetchMany: FetchMany<T>
  readonly #limit: Limit
  /** All that have no answer yet, in the order in which they came. */
  readonly #unanswered = new Set<Waiting<T>>()
  #queued: Waiting<T>[] = []
  #inFlight = 0
  #isScheduled = false
  /** Lookups do arrive together, and are worth waiting for. */
  #isCrowded = true
  #timer: NodeJS.Timeout | undefined

  constructor(fetchMany: FetchMany<T>, limit: Limit) {
    this.#fetchMany = fetchMany
    this.#limit = limit
  }

  fetch(id: string | undefined, keys: readonly string[]): Promise<Found<T>> {
    return new Promise((resolve, reject) => {
      const failure = this.#limit.lastFailure
      const lookup = { id, keys, since: performance.now(), failure, resolve, reject }
      this.#unanswered.add(lookup)
      this.#queued.push(lookup)
      this.#watch()
      this.#schedule()
    })
  }

  #schedule(): void {
    if (this.#isScheduled || this.#queued.length === 0 || this.#inFlight >= IN_FLIGHT) return
    this.#isScheduled = true
    if (this.#isCrowded) this.#waitUntilQuiet(this.#queued.length, 1)
    else queueMicrotask(() => void this.#flush())
  }

  #waitUntilQuiet(size: number, turn: number): void {
    setImmediate(() => {
      const { length } = this.#queued
      if (length > size && turn < MOST_TURNS) this.#waitUntilQuiet(length, turn + 1)
      else void this.#flush()
    })
  }

  async #flush(): Promise<void> {
    const batch = this.#take()
    this.#isScheduled = false
    if (batch.length === 0) return
    this.#inFlight++
    this.#schedule()
    try {
      const { keys, isShared } = together(batch)
      const documents = await this.#fetchMany(keys)
      for (const { resolve } of batch) resolve({ documents, isShared })
    } catch (error) {
      for (const { reject } of batch) reject(error)
    } finally {
      for (const lookup of batch) this.#unanswered.delete(lookup)
      this.#inFlight--
      this.#watch()
      this.#schedule()
    }
  }

  /** As many as fit one query, the oldest first; the rest is for the next. */
  #take(): Waiting<T>[] {
    this.#isCrowded = this.#queued.length > 1
    let keys = 0
    const end = this.#queued.findIndex((each) => (keys += each.keys.length + 1) > MOST_KEYS)
    return this.#queued.splice(0, end === -1 ? this.#queued.length : Math.max(1, end))
  }

  /** One timer for all. Left to run out where nobody waits, which takes less than a new one each time. */
  #watch(): void {
    const [oldest] = this.#unanswered
    if (oldest === undefined) {
      this.#timer?.unref()
    } else if (this.#timer === undefined) {
      const left = oldest.since + this.#limit.milliseconds - performance.now()
      // One that is late already is no time for a timer.
      this.#timer = setTimeout(() => this.#giveUp(), Math.max(1, left))
    } else {
      this.#timer.ref()
    }
  }

  #giveUp(): void {
    this.#timer = undefined
    const now = performance.now()
    for (const lookup of this.#unanswered) {
      if (now - lookup.since < this.#limit.milliseconds) break
      this.#unanswered.delete(lookup)
      lookup.reject(this.#limit.timedOut('read', lookup.failure))
    }
    this.#queued = this.#queued.filter((lookup) => this.#unanswered.has(lookup))
    this.#watch()
  }
}

/** Each key once, and whether some id was asked for twice. */
function together<T>(batch: readonly Waiting<T>[]): { keys: string[]; isShared: boolean } {
  const ids = batch.flatMap(({ id }) => id ?? [])
  const distinct = new Set(ids)
  const isShared = distinct.size < ids.length
  for (const { keys } of batch) for (const key of keys) distinct.add(key)
  return { keys: [...distinct], isShared }
}

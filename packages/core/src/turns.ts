import { SessionError } from './errors.ts'

/** Calls on one session run one after the other, in their order: a save before an end stays before. */
export class Turns {
  /** The call under way, or the last of those that wait. */
  #last: Promise<void> | undefined
  #isExclusive = false

  /** Runs an operation when its turn comes. */
  take<T>(operation: () => Promise<T>): Promise<T> {
    if (this.#isExclusive) {
      // Waiting for its turn would wait for the update that waits for it.
      const message = 'While the function given to update runs, the session takes no call but end'
      return Promise.reject(new SessionError('ERR_CONFIG', message))
    }
    // Begun at once where nothing is under way: a call that nobody awaits has at least begun.
    const result = this.#last === undefined ? operation() : this.#last.then(operation)
    const done: Promise<void> = result.then(ignore, ignore).finally(() => {
      if (this.#last === done) this.#last = undefined
    })
    this.#last = done
    return result
  }

  /** The same for what may not wait for a function of the app that may be waiting for it. */
  takeOrInterrupt<T>(operation: () => Promise<T>): Promise<T> {
    return this.#isExclusive ? operation() : this.take(operation)
  }

  /** Runs a function of the app within a turn: what it calls in its turn is refused. */
  async lend<T>(run: () => T | Promise<T>): Promise<T> {
    this.#isExclusive = true
    try {
      return await run()
    } finally {
      this.#isExclusive = false
    }
  }
}

const ignore = (): void => {}

interface Flight {
  readonly work: Promise<void>
  /** By `performance.now()`. */
  readonly since: number
}

/** One piece of work of each kind at a time, for all who ask meanwhile. */
export class SingleFlight {
  readonly #longest: number
  readonly #flights = new Map<string, Flight>()

  /**
   * @param longest Milliseconds that anybody waits for the work of another. Work ends by itself before;
   *   but Workers end a request's work with the request, and nobody hears of it.
   */
  constructor(longest: number) {
    this.#longest = longest
  }

  /** Does the work, or waits for whoever does it. Whether it was done here. */
  async run(kind: string, work: () => Promise<void>): Promise<boolean> {
    const other = this.#flights.get(kind)
    if (other !== undefined && performance.now() - other.since < this.#longest) {
      await this.#wait(other)
      return false
    }
    const own = { work: work(), since: performance.now() }
    this.#flights.set(kind, own)
    try {
      await own.work
    } finally {
      if (this.#flights.get(kind) === own) this.#flights.delete(kind)
    }
    return true
  }

  async #wait({ work }: Flight): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error('What another request does takes too long')),
        this.#longest,
      )
    })
    await Promise.race([work, late]).finally(() => clearTimeout(timer))
  }
}

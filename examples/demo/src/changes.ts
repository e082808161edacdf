/** Counts changes of something, and wakes those who wait for the next one. */
export interface Changes {
  readonly count: number
  tell(): void
  /** Resolves when there were more than `seen`, `stop` aborts, or ten seconds have passed. */
  wait(seen: number, stop: AbortSignal): Promise<void>
}

/** Nobody tells of a new "last seen", nor of what another process does. */
const REFRESH_MS = 10_000

export function createChanges(): Changes {
  let count = 0
  const waiting = new Set<() => void>()

  return {
    get count() {
      return count
    },
    tell() {
      count += 1
      for (const wake of waiting) wake()
    },
    wait(seen, stop) {
      if (count > seen || stop.aborted) return Promise.resolve()
      return new Promise((resolve) => {
        function wake(): void {
          waiting.delete(wake)
          clearTimeout(timer)
          stop.removeEventListener('abort', wake)
          resolve()
        }
        const timer = setTimeout(wake, REFRESH_MS)
        waiting.add(wake)
        stop.addEventListener('abort', wake)
      })
    },
  }
}

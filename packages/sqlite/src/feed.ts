import { createWatchers, type Watch, type WatchListener, type Watchers } from '@adjourn/core'

/** Who watches, and what they are told of this store's own writes. */
export interface Feed extends Pick<Watchers, 'deleted' | 'written' | 'revoked' | 'end'> {
  watch(listener: WatchListener): Watch
}

const POLL_MS = 250

/**
 * SQLite tells nobody of what other connections write: while somebody watches, it is asked, and says
 * no more than that something has changed.
 *
 * @param dataVersion Another number after each change by others. Absent where there are no others.
 */
export function createFeed(dataVersion: (() => number) | undefined): Feed {
  const watchers = createWatchers()
  let timer: ReturnType<typeof setInterval> | undefined
  let known: number | undefined

  function poll(): void {
    if (dataVersion === undefined || watchers.isEmpty()) return
    // Taken first: what comes while SQLite looks may be missed.
    const asOf = performance.now()
    try {
      const version = dataVersion()
      if (known !== undefined && version !== known) watchers.lost()
      known = version
      watchers.current(asOf)
    } catch {
      watchers.lost()
    }
  }

  function stop(): void {
    clearInterval(timer)
    timer = undefined
  }

  return {
    ...watchers,
    watch(listener) {
      if (dataVersion === undefined) return watchers.add(listener, Infinity)
      const watch = watchers.add(listener)
      // Nothing is heard before this has returned.
      queueMicrotask(poll)
      if (!watchers.isEmpty()) timer ??= setInterval(poll, POLL_MS).unref()
      return {
        async close() {
          await watch.close()
          if (watchers.isEmpty()) stop()
        },
      }
    },
    end() {
      watchers.end()
      stop()
    },
  }
}

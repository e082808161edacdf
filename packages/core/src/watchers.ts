import type { Watch, WatchListener } from './store.ts'

/** Everybody who watches a store: what is said to it is said to them all. */
export interface Watchers extends WatchListener {
  /** Whether nobody watches. */
  isEmpty(): boolean
  /**
   * Has the listener hear everything from now on, until the watch is closed.
   *
   * @param asOf What the listener hears as `current` first of all, though not before `add` has
   * returned. Default: nothing.
   * @param listener Who is told.
   */
  add(listener: WatchListener, asOf?: number): Watch
  /** The store is closed: `lost` is the last that they hear, and who comes later hears nothing. */
  end(): void
}

/**
 * For stores that tell of their own writes. What a listener throws is ignored: it must not change
 * what the write reports.
 */
export function createWatchers(): Watchers {
  const entries = new Set<{ readonly listener: WatchListener }>()
  let ended = false

  function tell(say: (listener: WatchListener) => void, to = [...entries]): void {
    for (const entry of to) {
      // One of them may have left while another was told.
      if (!entries.has(entry)) continue
      try {
        say(entry.listener)
      } catch {}
    }
  }

  return {
    isEmpty: () => entries.size === 0,
    add(listener, asOf) {
      // By itself: who listens twice hears everything twice, and may leave once.
      const entry = { listener }
      if (!ended) entries.add(entry)
      if (asOf !== undefined) queueMicrotask(() => tell((it) => it.current(asOf), [entry]))
      return {
        close: async () => {
          entries.delete(entry)
        },
      }
    },
    end() {
      ended = true
      tell((listener) => listener.lost())
      entries.clear()
    },
    deleted: (id) => tell((listener) => listener.deleted(id)),
    written: (id) => tell((listener) => listener.written(id)),
    revoked: (group) => tell((listener) => listener.revoked(group)),
    current: (asOf) => tell((listener) => listener.current(asOf)),
    lost: () => tell((listener) => listener.lost()),
  }
}

import type { SessionStore, Watch } from './store.ts'

/** What a feed tells of, and what this node tells of its own writes. */
export interface Changes {
  deleted(id: string): void
  written(id: string): void
  revoked(group: string): void
}

/** Who is told. */
export interface FeedListener extends Changes {
  /** The feed is live, after a gap or for the first time: something may have been missed. */
  live(): void
}

/** The store's feed, if it has one: begun when first needed. */
export interface Feed {
  /** Whoever is told twice of one change takes no harm. */
  readonly tell: Changes
  /** Whether everything up to `MAX_LAG` ago has been told, without a gap since the last `live`. */
  readonly isCurrent: boolean
  start(): void
  add(listener: FeedListener): void
  close(): Promise<void>
}

/** In milliseconds. Feeds say several times a second how far they are. */
const MAX_LAG = 1000

export function createFeed(store: SessionStore): Feed {
  const listeners: FeedListener[] = []
  let watch: Watch | undefined
  let closed = false
  let isWhole = false
  let toldUpTo = -Infinity

  const isCurrent = (): boolean => isWhole && performance.now() - toldUpTo < MAX_LAG
  const tell: Changes = {
    deleted: (id) => each((listener) => listener.deleted(id)),
    written: (id) => each((listener) => listener.written(id)),
    revoked: (group) => each((listener) => listener.revoked(group)),
  }

  function each(call: (listener: FeedListener) => void): void {
    for (const listener of listeners) call(listener)
  }

  return {
    tell,
    get isCurrent() {
      return isCurrent()
    },
    add: (listener) => void listeners.push(listener),
    start() {
      if (watch !== undefined || closed) return
      watch = store.watch?.({
        ...tell,
        current(asOf) {
          if (closed) return
          const before = isCurrent()
          isWhole = true
          toldUpTo = asOf
          if (!before) each((listener) => listener.live())
        },
        lost() {
          isWhole = false
        },
      })
    },
    async close() {
      closed = true
      isWhole = false
      await watch?.close()
    },
  }
}

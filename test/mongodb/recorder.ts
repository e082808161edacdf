import type { WatchListener } from '@adjourn/core'

/** Listens to a feed, and holds it to what its `current` says. */
export interface Recorder extends WatchListener {
  /** What was heard, in order: `deleted a`, `written a`, `revoked g`, `current` and `lost`. */
  readonly heard: readonly string[]
  /** What a `current` has covered and nobody had told; after each `lost` it may begin anew. */
  readonly missed: readonly string[]
  /** Makes a change of which the feed will tell with these words. */
  change<T>(words: string, make: () => Promise<T>): Promise<T>
  /** Resolves once `heard` holds it, from the call on. */
  next(words: string): Promise<void>
  /** Resolves once the feed has said that it is current as of now or later. */
  caughtUp(): Promise<void>
  /** How old a `current` was when it was said, at the most; the first after a gap does not count. */
  readonly oldest: number
}

interface Change {
  readonly words: string
  readonly begun: number
  readonly acknowledged: number
}

/** @param patience In seconds. */
export function recorder(patience = 15): Recorder {
  const heard: string[] = []
  const missed: string[] = []
  const waiting = new Set<() => void>()
  let changes: Change[] = []
  let upTo = -Infinity
  /** Since when nothing may be missing. */
  let whole: number | undefined
  let oldest = 0

  function hear(words: string): void {
    heard.push(words)
    for (const look of waiting) look()
  }

  function until(what: string, isSo: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (isSo()) end(resolve)
      }
      const late = new Error(`Not within ${patience} s: ${what}, after ${heard.slice(-20).join()}`)
      const timer = setTimeout(() => end(() => reject(late)), patience * 1000)
      const end = (settle: () => void): void => {
        clearTimeout(timer)
        waiting.delete(look)
        settle()
      }
      waiting.add(look)
      look()
    })
  }

  return {
    heard,
    missed,
    get oldest() {
      return oldest
    },
    deleted: (id) => hear(`deleted ${id}`),
    written: (id) => hear(`written ${id}`),
    revoked: (group) => hear(`revoked ${group}`),
    current(asOf) {
      const now = performance.now()
      if (whole !== undefined) oldest = Math.max(oldest, now - upTo)
      whole ??= now
      upTo = asOf
      const known = new Set(heard)
      for (const { words, begun, acknowledged } of changes) {
        if (acknowledged <= asOf && begun > whole && !known.has(words)) missed.push(words)
      }
      changes = changes.filter(({ acknowledged }) => acknowledged > asOf)
      hear('current')
    },
    lost() {
      whole = undefined
      upTo = -Infinity
      hear('lost')
    },
    async change(words, make) {
      const begun = performance.now()
      const result = await make()
      changes.push({ words, begun, acknowledged: performance.now() })
      return result
    },
    next(words) {
      const from = heard.length
      return until(words, () => heard.includes(words, from))
    },
    caughtUp() {
      const now = performance.now()
      return until('current', () => upTo >= now)
    },
  }
}

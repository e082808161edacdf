import type { SessionStore, Watch, WatchListener } from '../index.ts'

export interface FaultyFeed {
  watch(listener: WatchListener): Watch
  /** Everybody hears `lost`, and then nothing. */
  lose(): void
  /** The feed is there again; what has happened meanwhile is not told. */
  restore(): void
}

/** One who watches. */
interface Line {
  readonly listener: WatchListener
  /** Runs while the store underneath is complete for good. */
  ticks?: ReturnType<typeof setInterval>
}

type Say = (listener: WatchListener) => void

const TICK_MS = 250

/** @param pass Says something now, or later if the feed stands still; in order in any case. */
export function createFaultyFeed(inner: SessionStore, pass: (say: () => void) => void): FaultyFeed {
  const lines = new Set<Line>()
  let isLost = false

  function tell(line: Line, say: Say): void {
    if (isLost) return
    pass(() => {
      if (lines.has(line)) say(line.listener)
    })
  }

  function tick(line: Line): void {
    const now = performance.now()
    tell(line, (to) => to.current(now))
  }

  function stopTicks(line: Line): void {
    clearInterval(line.ticks)
    delete line.ticks
  }

  /** Who has heard `Infinity` would not notice a feed that stands still. */
  function startTicks(line: Line): void {
    tick(line)
    line.ticks ??= setInterval(tick, TICK_MS, line).unref()
  }

  return {
    watch(listener) {
      const line: Line = { listener }
      lines.add(line)
      const watching = inner.watch?.({
        deleted: (id) => tell(line, (to) => to.deleted(id)),
        written: (id) => tell(line, (to) => to.written(id)),
        revoked: (group) => tell(line, (to) => to.revoked(group)),
        current(asOf) {
          if (asOf === Infinity) startTicks(line)
          else tell(line, (to) => to.current(asOf))
        },
        lost() {
          stopTicks(line)
          tell(line, (to) => to.lost())
        },
      })
      return {
        async close() {
          lines.delete(line)
          stopTicks(line)
          await watching?.close()
        },
      }
    },
    lose() {
      for (const line of lines) tell(line, (to) => to.lost())
      isLost = true
    },
    restore() {
      if (!isLost) return
      isLost = false
      for (const line of lines) if (line.ticks !== undefined) tick(line)
    },
  }
}

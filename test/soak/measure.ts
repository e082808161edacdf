/** What a process holds, measured again and again, and whether that grows. */
import { memoryUsage } from 'node:process'

/** By name, such as `heap` in bytes. */
export type Sample = Readonly<Record<string, number>>

const MB = 1_000_000

/** How much more each may be at the end than after the warm-up. Not a ratio: a leak has no end. */
const ROOM: Sample = {
  heap: 6 * MB,
  rss: 120 * MB,
  sockets: 12,
  timers: 15,
  'other resources': 10,
  cursors: 2,
  connections: 6,
  'client listeners': 0,
  'server listeners': 0,
}

export function sample(): Sample {
  // Twice: what finalisers let go of in the first is collected in the second.
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, rss } = memoryUsage()
  const resources = process.getActiveResourcesInfo()
  const sockets = resources.filter((name) => name.startsWith('TCP')).length
  const timers = resources.filter((name) => /Timeout|Immediate/.test(name)).length
  return {
    heap: heapUsed,
    rss,
    sockets,
    timers,
    'other resources': resources.length - sockets - timers,
  }
}

/** What has grown from the first third of the samples to the last, by their medians. */
export function growth(samples: readonly Sample[]): string[] {
  const third = Math.ceil(samples.length / 3)
  return Object.entries(ROOM).flatMap(([name, room]) => {
    const before = median(samples.slice(0, third).flatMap((each) => each[name] ?? []))
    const after = median(samples.slice(-third).flatMap((each) => each[name] ?? []))
    return after - before > room ? [`${name} went from ${before} to ${after}`] : []
  })
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

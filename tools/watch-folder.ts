import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from './command.ts'

/** A firewall that drops packets makes no error: silence has to count as one. */
const STALLED_AFTER_MS = 30_000

const REPORT_EVERY_MS = 10_000

/**
 * Tells how far the download into a folder is, until the interval that it returns is cleared. The
 * folder is watched, not the process: while that waits for the download of another run, the other's
 * progress counts.
 */
export function watchFolder(folder: string, log: Log, onStall: () => void): NodeJS.Timeout {
  let size = sizeOf(folder)
  let grownAt = Date.now()
  let reportedAt = Date.now()
  return setInterval(() => {
    const now = Date.now()
    const current = sizeOf(folder)
    if (current !== size) grownAt = now
    else if (now - grownAt > STALLED_AFTER_MS) onStall()
    size = current
    const megabytes = Math.round(size / 1e6)
    if (grownAt < now || megabytes === 0 || now - reportedAt < REPORT_EVERY_MS) return
    reportedAt = now
    log(`${megabytes} MB in ${folder}`)
  }, 1000)
}

function sizeOf(folder: string): number {
  try {
    return readdirSync(folder)
      .map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0)
      .reduce((sum, size) => sum + size, 0)
  } catch {
    return 0 // Who downloads makes the folder when it begins.
  }
}

import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DryMongoBinary, MongoBinary } from 'mongodb-memory-server-core'
import { messageOf, run, type Log } from './mongod-binary.ts'

/** A firewall that drops packets makes no error: silence has to count as one. */
const STALLED_AFTER_MS = 30_000

const REPORT_EVERY_MS = 10_000

/** What mongodb-memory-server already has: from an earlier download, or as its settings say. */
export async function findDownloaded(): Promise<string | undefined> {
  return DryMongoBinary.locateBinary(await DryMongoBinary.generateOptions())
}

/**
 * Lets mongodb-memory-server download its mongod, in a process of its own: a download cannot be
 * cancelled, and it prints what it likes.
 */
export async function download(log: Log): Promise<string> {
  const { downloadDir, version } = await DryMongoBinary.generateOptions()
  log(`mongod: downloading MongoDB ${version} with mongodb-memory-server`)
  const stalled = new AbortController()
  const watch = watchFolder(downloadDir, log, () => stalled.abort())
  try {
    const self = fileURLToPath(import.meta.url)
    await run(process.execPath, [self], { timeout: 0, signal: stalled.signal })
  } catch (error) {
    const reason = stalled.signal.aborted ? 'the connection is silent' : messageOf(error)
    throw new Error(`mongodb-memory-server: ${reason}`, { cause: error })
  } finally {
    clearInterval(watch)
  }
  const path = await findDownloaded()
  if (path === undefined) throw new Error('mongodb-memory-server: the download left no mongod')
  return path
}

// The folder is watched, not the process: while that waits for the download of another run, the
// other's progress counts.
function watchFolder(folder: string, log: Log, onStall: () => void): NodeJS.Timeout {
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
    log(`mongod: ${megabytes} MB in ${folder}`)
  }, 1000)
}

function sizeOf(folder: string): number {
  try {
    return readdirSync(folder)
      .map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0)
      .reduce((sum, size) => sum + size, 0)
  } catch {
    return 0 // The library makes the folder when it begins.
  }
}

if (import.meta.main) {
  try {
    await MongoBinary.getPath()
  } catch (error) {
    // The reader takes one line.
    console.error(messageOf(error).replaceAll(/\s+/g, ' '))
    process.exitCode = 1
  }
}

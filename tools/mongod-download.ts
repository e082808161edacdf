import { fileURLToPath } from 'node:url'
import { DryMongoBinary, MongoBinary } from 'mongodb-memory-server-core'
import { messageOf, run, type Log } from './command.ts'
import { watchFolder } from './watch-folder.ts'

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
  const watch = watchFolder(
    downloadDir,
    (line) => log(`mongod: ${line}`),
    () => stalled.abort(),
  )
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

if (import.meta.main) {
  try {
    await MongoBinary.getPath()
  } catch (error) {
    // The reader takes one line.
    console.error(messageOf(error).replaceAll(/\s+/g, ' '))
    process.exitCode = 1
  }
}

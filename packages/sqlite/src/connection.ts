import { SessionError } from '@adjourn/core'
import { DatabaseSync } from 'node:sqlite'
import { PAUSE_MS } from './bound.ts'
import { isBusy, mapError } from './map-error.ts'
import { SCHEMA, SCHEMA_VERSION } from './schema.ts'
import { prepareStatements, type Statements } from './statements.ts'

export interface Connection {
  readonly sql: Statements
  /** What is read within is of one moment. */
  snapshot<T>(read: () => T): T
  /**
   * What is written within happens as a whole or not at all. The write lock is taken first: what is
   * read before it may be out of date by then, and SQLite would refuse to go on.
   */
  transaction<T>(write: () => T): T
  /** Another number whenever another connection, of any process, has changed the file. */
  readonly dataVersion: () => number
  close(): void
}

/**
 * Opens the file, and makes it if it is not there. Waits here, at start-up, for the locks of others.
 *
 * @throws SessionError `ERR_CONFIG` if a newer version of the store has written the file.
 */
export function connect(path: string, seconds: number): Connection {
  let db: DatabaseSync | undefined
  try {
    const opened = new DatabaseSync(path)
    db = opened
    return untilFree(seconds, () => setUp(opened))
  } catch (error) {
    db?.close()
    throw mapError('open its file', error)
  }
}

/** Without SQLite's own busy timeout, which does not hold for the change to a write-ahead log. */
function untilFree<T>(seconds: number, work: () => T): T {
  const limit = performance.now() + seconds * 1000
  for (;;) {
    try {
      return work()
    } catch (error) {
      if (!isBusy(error) || performance.now() >= limit) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS)
    }
  }
}

function setUp(db: DatabaseSync): Connection {
  // Before anything is changed.
  assertKnown(schemaVersion(db))
  // Readers go on while somebody writes.
  db.exec('PRAGMA journal_mode = WAL')
  // With NORMAL, a write-ahead log reaches the disk at the next checkpoint only: what was
  // acknowledged would survive a kill -9, but not a loss of power, and a session that has ended
  // would be back.
  db.exec('PRAGMA synchronous = FULL')
  db.exec('PRAGMA foreign_keys = ON')
  const [snapshot, transaction] = [within(db, 'BEGIN'), within(db, 'BEGIN IMMEDIATE')]
  if (schemaVersion(db) !== SCHEMA_VERSION) transaction(() => upgrade(db))
  const sql = prepareStatements((text) => db.prepare(text))
  const dataVersion = (): number => Number(sql.dataVersion.get()?.['data_version'])
  return { sql, snapshot, transaction, dataVersion, close: () => db.close() }
}

function within(db: DatabaseSync, begin: string): <T>(work: () => T) => T {
  const [beginning, commit] = [db.prepare(begin), db.prepare('COMMIT')]
  return (work) => {
    beginning.run()
    try {
      const result = work()
      commit.run()
      return result
    } catch (error) {
      rollBack(db)
      throw error
    }
  }
}

function rollBack(db: DatabaseSync): void {
  try {
    db.exec('ROLLBACK')
  } catch {
    // After some errors, such as a full disk, SQLite has done so already.
  }
}

function upgrade(db: DatabaseSync): void {
  // Again, now that nobody else can: another process may have been quicker.
  const version = schemaVersion(db)
  assertKnown(version)
  if (version === SCHEMA_VERSION) return
  db.exec(SCHEMA)
  db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`)
}

function schemaVersion(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.['user_version'])
}

function assertKnown(version: number): void {
  if (version <= SCHEMA_VERSION) return
  throw new SessionError(
    'ERR_CONFIG',
    `sqliteStore: the file has schema version ${version}, and this version of @adjourn/sqlite knows ` +
      `none above ${SCHEMA_VERSION}. Update the package, or give the store a file of its own.`,
  )
}

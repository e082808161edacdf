import { SessionError } from '@adjourn/core'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { mapError } from './map-error.ts'
import { SCHEMA, SCHEMA_VERSION } from './schema.ts'

export interface Connection {
  prepare(sql: string): StatementSync
  /** What is read within is of one moment. */
  snapshot<T>(read: () => T): T
  /**
   * What is written within happens as a whole or not at all. The write lock is taken first: two
   * transactions that read and then ask for it would each wait for the other.
   */
  transaction<T>(write: () => T): T
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
    db = new DatabaseSync(path)
    db.exec(`PRAGMA busy_timeout = ${Math.ceil(seconds * 1000)}`)
    // Readers go on while somebody writes.
    db.exec('PRAGMA journal_mode = WAL')
    // With NORMAL, a write-ahead log reaches the disk at the next checkpoint only: what was
    // acknowledged would survive a kill -9, but not a loss of power, and a session that has ended
    // would be back.
    db.exec('PRAGMA synchronous = FULL')
    db.exec('PRAGMA foreign_keys = ON')
    const connection = connectionTo(db)
    upgrade(db, connection)
    // From here on the store does the waiting, with the event loop running.
    db.exec('PRAGMA busy_timeout = 0')
    return connection
  } catch (error) {
    db?.close()
    throw mapError('open its file', error)
  }
}

function connectionTo(db: DatabaseSync): Connection {
  const read = db.prepare('BEGIN')
  const write = db.prepare('BEGIN IMMEDIATE')
  const commit = db.prepare('COMMIT')

  function within<T>(begin: StatementSync, work: () => T): T {
    begin.run()
    try {
      const result = work()
      commit.run()
      return result
    } catch (error) {
      rollBack(db)
      throw error
    }
  }

  return {
    prepare: (sql) => db.prepare(sql),
    snapshot: (work) => within(read, work),
    transaction: (work) => within(write, work),
    close: () => db.close(),
  }
}

function rollBack(db: DatabaseSync): void {
  try {
    db.exec('ROLLBACK')
  } catch {
    // After some errors, such as a full disk, SQLite has done so already.
  }
}

function upgrade(db: DatabaseSync, connection: Connection): void {
  if (schemaVersion(db) === SCHEMA_VERSION) return
  connection.transaction(() => {
    // Again, since another process may have been quicker.
    if (schemaVersion(db) === SCHEMA_VERSION) return
    db.exec(SCHEMA)
    db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`)
  })
}

function schemaVersion(db: DatabaseSync): number {
  const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version'])
  if (version <= SCHEMA_VERSION) return version
  throw new SessionError(
    'ERR_CONFIG',
    `sqliteStore: the file has schema version ${version}, and this version of @adjourn/sqlite knows ` +
      `none above ${SCHEMA_VERSION}. Update the package, or give the store a file of its own.`,
  )
}

import { SessionError } from '@adjourn/core'
import { DatabaseSync } from 'node:sqlite'

/** Texts under keys; a `Map` of strings is one. What is set is kept when `set` returns. */
export interface Texts {
  get(key: string): string | undefined
  set(key: string, text: string): unknown
  /** Whether it was there. */
  delete(key: string): boolean
  values(): Iterable<string>
}

/** A file of SQLite that is this process's alone until it is closed: no other reads or writes it. */
export function openFile(path: string): DatabaseSync {
  const file = new DatabaseSync(path)
  file.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL')
  return file
}

/** The texts in one table of a file. */
export function sqliteTexts(file: DatabaseSync, table: 'records' | 'epochs'): Texts {
  file.exec(`CREATE TABLE IF NOT EXISTS ${table} (key TEXT PRIMARY KEY, text TEXT NOT NULL)`)

  // Rule 6: keys and texts are bound, never part of the SQL.
  function run(sql: string, ...given: readonly string[]): string[] {
    try {
      const rows = file.prepare(sql).all(...given)
      return rows.map(({ text }) => String(text))
    } catch (cause) {
      // Rule 4: what fails is not taken for what is not there.
      throw new SessionError('ERR_STORE_UNAVAILABLE', 'SQLite failed', { cause })
    }
  }

  return {
    get: (key) => run(`SELECT text FROM ${table} WHERE key = ?`, key)[0],
    set: (key, text) => run(`REPLACE INTO ${table} VALUES (?, ?)`, key, text),
    delete: (key) => run(`DELETE FROM ${table} WHERE key = ? RETURNING text`, key).length === 1,
    values: () => run(`SELECT text FROM ${table}`),
  }
}

/**
 * Adjourn's session store on SQLite, as it comes with Node.
 *
 * @module @adjourn/sqlite
 */
export { sqliteStore } from './sqlite-store.ts'
export type { SqliteStore, SqliteStoreOptions } from './sqlite-store.ts'

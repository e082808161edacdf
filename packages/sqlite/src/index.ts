/**
 * Adjourn's session store on SQLite, as it comes with Node.
 *
 * @module
 */
export { sqliteStore } from './sqlite-store.ts'
export type { SqliteStore, SqliteStoreOptions } from './sqlite-store.ts'

/**
 * Adjourn's session store on MongoDB.
 *
 * @module
 */
export { mongoStore } from './mongo-store.ts'
export type { MongoStore, MongoStoreOptions } from './mongo-store.ts'

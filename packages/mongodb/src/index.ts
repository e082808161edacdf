/**
 * Adjourn's session store on MongoDB.
 *
 * @module @adjourn/mongodb
 */
export { mongoStore } from './mongo-store.ts'
export type { MongoStore } from './mongo-store.ts'
export type { MongoStoreOptions } from './options.ts'

import { copyRecord, SessionError } from '@adjourn/core'
import type {
  GroupEpoch,
  Revocation,
  SessionChanges,
  SessionRecord,
  SessionStore,
  SessionSummary,
  StoreRead,
  Touch,
  Watch,
  WatchListener,
} from '@adjourn/core'
import type { Collection, Db } from 'mongodb'
import { createBound, type Bound } from './bound.ts'
import { createCoalescer, type Coalescer, type Found } from './coalesce.ts'
import {
  epochId,
  isSession,
  toDocument,
  toEpoch,
  toRecord,
  toSummary,
  type SessionDocument,
  type StoredDocument,
} from './document.ts'
import {
  abortable,
  BY_ID,
  MAJORITY,
  PLAIN_VALUES,
  READ,
  READ_ACKNOWLEDGED,
  TOUCH,
  type ReadConcern,
} from './concerns.ts'
import { epochUpdate } from './epoch-update.ts'
import { endedBy, SESSION, touchWrite } from './filters.ts'
import { findByIds } from './find.ts'
import { closed, isDuplicateKey, mapError } from './map-error.ts'
import { resolveOptions, type MongoStoreOptions } from './options.ts'
import { watchChanges } from './watch.ts'

/** What `mongoStore` returns: a store that can make its indexes ahead of the first request. */
export interface MongoStore extends SessionStore {
  /**
   * Makes the two indexes: expiry (TTL) and groups. Done on the first insert otherwise; call it at
   * start-up where the collection is large already, since it waits as long as that takes.
   */
  ensureIndexes(): Promise<void>
  /** Ends the feeds, whose cursors the server would keep. The client stays open; later calls reject. */
  close(): Promise<void>
}

const INDEXES = [
  { key: { expiresAt: 1 }, name: 'expiry', expireAfterSeconds: 0 },
  { key: { 'groups.group': 1, 'groups.epoch': 1 }, name: 'groups' },
] as const

const PURGE_BATCH = 1000
const UPSERT_TRIES = 5

/**
 * Keeps sessions in MongoDB 6 or later. The caller owns the client: it is never connected,
 * configured or closed here. Every read is of the primary and every write but a touch is
 * acknowledged by a majority. Await `client.connect()` when the app starts: a driver whose first
 * connect fails does not recover by itself, also once the server is back.
 *
 * `watch` follows a change stream, which needs a replica set and takes a connection of the client's
 * pool. A standalone server has none, and that of a sharded cluster cannot know that it has heard
 * everything: there, sessions that are watched are looked up. Close the store before the client, or
 * the server keeps a cursor for some minutes.
 *
 * @param db From a client of the `mongodb` driver, 7.8 or later.
 * @param options The collection, and the bound of a call.
 * @throws SessionError `ERR_CONFIG` if an option is wrong. Every call of the store rejects with
 * `ERR_STORE_UNAVAILABLE`, the driver's error as its cause, within `timeout`.
 * @example
 * ```ts
 * import { mongoStore } from '@adjourn/mongodb'
 * import { MongoClient } from 'mongodb'
 *
 * const client = await new MongoClient('mongodb://127.0.0.1:27017').connect()
 * const store = mongoStore(client.db('app'))
 * ```
 */
export function mongoStore(db: Db, options: MongoStoreOptions = {}): MongoStore {
  const { collection, timeout } = resolveOptions(Object(options) as MongoStoreOptions)
  if (typeof (db as Partial<Db> | undefined)?.collection !== 'function') {
    throw new SessionError('ERR_CONFIG', 'mongoStore takes a database of the mongodb driver')
  }
  return new MongoSessionStore(db, collection, timeout)
}

class MongoSessionStore implements MongoStore {
  readonly #db: Db
  readonly #collection: Collection<StoredDocument>
  readonly #timeout: number
  readonly #bound: Bound
  readonly #reads: Coalescer<StoredDocument>
  #indexes: Promise<unknown> | undefined
  readonly #feeds = new Map<Watch, WatchListener>()
  #closed = false

  constructor(db: Db, collection: string, timeout: number) {
    this.#db = db
    this.#collection = db.collection<StoredDocument>(collection, PLAIN_VALUES)
    this.#timeout = timeout
    this.#bound = createBound(timeout, () => this.#assertOpen())
    this.#reads = createCoalescer((keys) => this.#find(keys, READ), this.#bound)
  }

  async ensureIndexes(): Promise<void> {
    this.#assertOpen()
    this.#indexes ??= this.#collection.createIndexes(
      INDEXES.map((index) => ({ ...index })),
      // The driver takes a concern here too; only its types do not say so.
      MAJORITY as object,
    )
    try {
      await this.#indexes
    } catch (error) {
      this.#indexes = undefined
      throw mapError('make its indexes', error)
    }
  }

  async read(
    id: string | undefined,
    groups: readonly string[],
    { acknowledged = false }: { readonly acknowledged?: boolean } = {},
  ): Promise<StoreRead> {
    this.#assertOpen()
    const keys = groups.map(epochId)
    const { documents, isShared } = acknowledged
      ? await this.#findAcknowledged(id, keys)
      : await this.#reads.fetch(id, keys)
    const document = id === undefined ? undefined : documents.get(id)
    const epochs = new Map<string, GroupEpoch>()
    for (const key of keys) {
      const epoch = documents.get(key)
      if (epoch === undefined) continue
      const found = toEpoch(epoch)
      epochs.set(found.group, found)
    }
    if (!isSession(document)) return { record: undefined, epochs }
    const record = toRecord(document)
    return { record: isShared ? copyRecord(record) : record, epochs }
  }

  insert(record: SessionRecord): Promise<boolean> {
    return this.#bound.once('insert', async (signal) => {
      // If the server never says whether it has made them, the next insert asks again.
      signal.addEventListener('abort', () => (this.#indexes = undefined), { once: true })
      await this.ensureIndexes()
      try {
        await this.#collection.insertOne(toDocument(record), abortable(MAJORITY, signal))
        return true
      } catch (error) {
        if (isDuplicateKey(error)) return false
        throw error
      }
    })
  }

  update(
    id: string,
    { version, now }: { version: number; now: Date },
    { lastSeenAt, expiresAt, ...fields }: SessionChanges,
  ): Promise<boolean> {
    const forward = { ...(lastSeenAt && { lastSeenAt }), ...(expiresAt && { expiresAt }) }
    return this.#bound.once('update', async (signal) => {
      const { matchedCount } = await this.#collection.updateOne(
        { _id: id, version, expiresAt: { $gt: now } },
        { $set: { ...fields, version: version + 1 }, $max: forward },
        abortable(MAJORITY, signal),
      )
      return matchedCount === 1
    })
  }

  touch(touches: readonly Touch[], now: Date): Promise<void> {
    const writes = touches.map((touch) => touchWrite(touch, now))
    return this.#bound.once('touch', async (signal) => {
      if (writes.length > 0) await this.#collection.bulkWrite(writes, abortable(TOUCH, signal))
    })
  }

  delete(id: string, expected?: { lastSeenAt: Date }): Promise<boolean> {
    const filter = { _id: id, ...SESSION, ...expected }
    let again = false
    return this.#bound.repeated('delete', async (signal) => {
      const mayBeDone = again
      again = true
      const { deletedCount } = await this.#collection.deleteOne(filter, abortable(MAJORITY, signal))
      // What a try before this one has deleted is not there to be counted.
      return deletedCount === 1 || (mayBeDone && expected === undefined)
    })
  }

  list(group: string, now: Date): Promise<SessionSummary[]> {
    const filter = { 'groups.group': group, expiresAt: { $gt: now } }
    return this.#bound.repeated('list', async (signal) => {
      const options = { ...READ, signal, projection: { data: 0, secretHash: 0 } }
      const found = await this.#collection.find(filter, options).toArray()
      return found.map((document) => toSummary(document as SessionDocument))
    })
  }

  revoke(revocation: Revocation): Promise<GroupEpoch> {
    const filter = { _id: epochId(revocation.group) }
    return this.#bound.repeated('revoke', async (signal) => {
      const options = { ...MAJORITY, upsert: true, returnDocument: 'after' } as const
      const document = await upsert(() =>
        this.#collection.findOneAndUpdate(
          filter,
          epochUpdate(revocation),
          abortable(options, signal),
        ),
      )
      return toEpoch(document as StoredDocument)
    })
  }

  async purge(epoch: GroupEpoch): Promise<number> {
    const ended = endedBy(epoch)
    let count = 0
    for (;;) {
      const ids = await this.#bound.repeated('list', async (signal) => {
        const options = { ...READ, signal, projection: { _id: 1 }, limit: PURGE_BATCH }
        return this.#collection
          .find(ended, options)
          .map(({ _id }) => _id)
          .toArray()
      })
      if (ids.length === 0) return count
      count += await this.#bound.repeated('delete', async (signal) => {
        const filter = { $and: [ended, { _id: { $in: ids } }] }
        const options = abortable({ ...MAJORITY, ...BY_ID }, signal)
        const result = await this.#collection.deleteMany(filter, options)
        return result.deletedCount
      })
    }
  }

  watch(listener: WatchListener): Watch {
    const source = { db: this.#db, collection: this.#collection, timeout: this.#timeout }
    const feed = watchChanges({ ...source, bound: this.#bound }, listener)
    if (this.#closed) void feed.close()
    else this.#feeds.set(feed, listener)
    return {
      close: () => {
        this.#feeds.delete(feed)
        return feed.close()
      },
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    const feeds = [...this.#feeds]
    this.#feeds.clear()
    const closing = feeds.map(([feed]) => feed.close())
    for (const [, listener] of feeds) listener.lost()
    await Promise.all(closing)
  }

  #assertOpen(): void {
    if (this.#closed) throw closed()
  }

  async #findAcknowledged(
    id: string | undefined,
    keys: readonly string[],
  ): Promise<Found<StoredDocument>> {
    const all = id === undefined ? keys : [id, ...keys]
    return { documents: await this.#find(all, READ_ACKNOWLEDGED), isShared: false }
  }

  #find(keys: readonly string[], concern: ReadConcern): Promise<Map<string, StoredDocument>> {
    const place = { db: this.#db, collection: this.#collection }
    return this.#bound.repeated('read', async (signal) => {
      const found = await findByIds(place, keys, concern, signal)
      return new Map(found.map((document) => [document._id, document]))
    })
  }
}

/** Two first revocations of a group at once: one inserts, the other must look again. */
async function upsert<T>(run: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await run()
    } catch (error) {
      if (!isDuplicateKey(error) || tries >= UPSERT_TRIES) throw error
    }
  }
}

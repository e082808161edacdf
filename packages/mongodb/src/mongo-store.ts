import { SessionError, type GroupEpoch, type SessionStore, type Touch } from '@adjourn/core'
import type { AnyBulkWriteOperation, Collection, Db, Filter } from 'mongodb'
import { createBound, type Bound } from './bound.ts'
import { createCoalescer } from './coalesce.ts'
import {
  epochId,
  isEpoch,
  isSession,
  toDocument,
  toEpoch,
  toRecord,
  toSummary,
  type EpochDocument,
  type SessionDocument,
  type StoredDocument,
} from './document.ts'
import { epochUpdate } from './epoch-update.ts'
import { closed, isDuplicateKey } from './map-error.ts'

/** What `mongoStore` takes beside the database. */
export interface MongoStoreOptions {
  /** The collection that holds sessions and epochs. Default: `sessions`. */
  readonly collection?: string
  /** Seconds after which any call of the store has failed. Default: 5. */
  readonly timeout?: number
}

export interface MongoStore extends SessionStore {
  /**
   * Makes the two indexes: expiry (TTL) and groups. Done on the first insert otherwise; call it at
   * start-up where the collection is large already, since it waits as long as that takes.
   */
  ensureIndexes(): Promise<void>
}

// Set on every operation, whatever the URI says. A revocation must be seen by the next read, so reads
// go to the primary; j: a standalone server acknowledges only what its journal has.
const READ = { readPreference: 'primary', readConcern: { level: 'local' } } as const
const MAJORITY = { writeConcern: { w: 'majority', j: true } } as const
// A touch that is lost comes again.
const TOUCH = { writeConcern: { w: 1 }, ordered: false } as const
const PLAIN_VALUES = { promoteValues: true, promoteLongs: true, useBigInt64: false } as const

const INDEXES = [
  { key: { expiresAt: 1 }, name: 'expiry', expireAfterSeconds: 0 },
  { key: { 'groups.group': 1, 'groups.epoch': 1 }, name: 'groups' },
] as const

const PURGE_BATCH = 1000
const UPSERT_TRIES = 5

/**
 * Keeps sessions in MongoDB 6 or later. The caller owns the client: it is never connected,
 * configured or closed here. Every read is of the primary and every write but a touch is
 * acknowledged by a majority.
 *
 * @param db From a client of the `mongodb` driver, 7.8 or later.
 * @throws SessionError `ERR_CONFIG` if an option is wrong. Every call of the store rejects with
 * `ERR_STORE_UNAVAILABLE`, the driver's error as its cause, within `timeout`.
 * @example
 * ```ts
 * const client = new MongoClient('mongodb://127.0.0.1:27017')
 * const store = mongoStore(client.db('app'))
 * ```
 */
export function mongoStore(db: Db, options: MongoStoreOptions = {}): MongoStore {
  const { collection: name, timeout } = resolve(options)
  const collection = db.collection<StoredDocument>(name, PLAIN_VALUES)
  const bound = createBound(timeout)
  let indexes: Promise<unknown> | undefined
  let isClosed = false

  const reads = createCoalescer((keys) =>
    bound.repeated('read', async (signal) => {
      const found = await collection
        .find({ _id: { $in: [...keys] } }, { ...READ, signal })
        .toArray()
      return new Map(found.map((document) => [document._id, document]))
    }),
  )

  async function ensureIndexes(): Promise<void> {
    indexes ??= collection.createIndexes(INDEXES.map((index) => ({ ...index })))
    try {
      await indexes
    } catch (error) {
      indexes = undefined
      throw error
    }
  }

  const open: Bound = {
    once: async (operation, run) => bound.once(operation, assertOpen(run)),
    repeated: async (operation, run) => bound.repeated(operation, assertOpen(run)),
  }
  function assertOpen<A, T>(run: (argument: A) => Promise<T>): (argument: A) => Promise<T> {
    if (isClosed) throw closed()
    return run
  }

  return {
    ensureIndexes: () => ensureIndexes(),
    async read(id, groups) {
      const keys = [...(id === undefined ? [] : [id]), ...groups.map(epochId)]
      // Bounded from its own arrival: a batch before it may be hanging.
      const found = await open.once('read', () => reads.fetch(keys))
      const document = id === undefined ? undefined : found.get(id)
      const epochs = groups.map((group) => found.get(epochId(group))).filter(isEpoch)
      return {
        record: isSession(document) ? toRecord(document) : undefined,
        epochs: new Map(epochs.map((epoch) => [epoch.group, toEpoch(epoch)])),
      }
    },
    insert: (record) =>
      open.once('insert', async (signal) => {
        await ensureIndexes()
        try {
          await collection.insertOne(toDocument(record), abortable(MAJORITY, signal))
          return true
        } catch (error) {
          if (isDuplicateKey(error)) return false
          throw error
        }
      }),
    update: (id, { version, now }, changes) =>
      open.once('update', async (signal) => {
        const { lastSeenAt, expiresAt, ...fields } = changes
        const forward = { ...(lastSeenAt && { lastSeenAt }), ...(expiresAt && { expiresAt }) }
        const { matchedCount } = await collection.updateOne(
          { _id: id, version, expiresAt: { $gt: now } },
          { $set: { ...fields, version: version + 1 }, $max: forward },
          abortable(MAJORITY, signal),
        )
        return matchedCount === 1
      }),
    touch: (touches, now) =>
      open.once('touch', async (signal) => {
        const writes = touches.map((touch) => touchWrite(touch, now))
        await collection.bulkWrite(writes, abortable(TOUCH, signal))
      }),
    delete: (id, expected) =>
      open.repeated('delete', async (signal) => {
        const { deletedCount } = await collection.deleteOne(
          { _id: id, secretHash: { $exists: true }, ...expected },
          abortable(MAJORITY, signal),
        )
        return deletedCount === 1
      }),
    list: (group, now) =>
      open.repeated('list', async (signal) => {
        const found = await collection
          .find(
            { 'groups.group': group, expiresAt: { $gt: now } },
            { ...READ, signal, projection: { data: 0, secretHash: 0 } },
          )
          .toArray()
        return found.map((document) => toSummary(document as SessionDocument))
      }),
    revoke: (revocation) =>
      open.repeated('revoke', async (signal) => {
        const document = await upsert(() =>
          collection.findOneAndUpdate(
            { _id: epochId(revocation.group) },
            epochUpdate(revocation),
            abortable({ ...MAJORITY, upsert: true, returnDocument: 'after' } as const, signal),
          ),
        )
        return toEpoch(document as EpochDocument)
      }),
    purge: (epoch) => purge(collection, open, epoch),
    async close() {
      isClosed = true
    },
  }
}

function resolve({ collection = 'sessions', timeout = 5, ...unknown }: MongoStoreOptions): {
  collection: string
  timeout: number
} {
  const mistakes = Object.keys(unknown).map((key) => `${key} is not an option`)
  if (typeof collection !== 'string' || collection === '') {
    mistakes.push('collection must be a name')
  }
  if (!(Number.isFinite(timeout) && timeout > 0)) {
    mistakes.push('timeout must be a number of seconds above 0')
  }
  if (mistakes.length > 0) {
    throw new SessionError('ERR_CONFIG', `mongoStore: ${mistakes.join('; ')}.`)
  }
  return { collection, timeout }
}

/** The driver takes a signal on writes too; only its types do not say so. */
function abortable<T extends object>(options: T, signal: AbortSignal): T {
  return { ...options, signal }
}

function touchWrite(
  { id, lastSeenAt, expiresAt }: Touch,
  now: Date,
): AnyBulkWriteOperation<StoredDocument> {
  const moved = { $max: ['$expiresAt', expiresAt] }
  return {
    updateOne: {
      filter: { _id: id, expiresAt: { $gt: now } },
      update: [
        {
          $set: {
            lastSeenAt: { $max: ['$lastSeenAt', lastSeenAt] },
            expiresAt: { $min: [moved, '$endsAt'] },
          },
        },
      ],
    },
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

async function purge(
  collection: Collection<StoredDocument>,
  bound: Bound,
  { group, epoch, keep }: GroupEpoch,
): Promise<number> {
  // null is what a member has that joined before the group's first epoch.
  const joinedBefore = { group, $or: [{ epoch: null }, { epoch: { $lt: epoch } }] }
  const ended: Filter<StoredDocument> = {
    groups: { $elemMatch: joinedBefore },
    _id: { $nin: [...keep] },
  }
  let count = 0
  for (;;) {
    const batch = await bound.repeated('list', (signal) =>
      collection
        .find(ended, { ...READ, signal, projection: { _id: 1 }, limit: PURGE_BATCH })
        .toArray(),
    )
    if (batch.length === 0) return count
    count += await bound.repeated('delete', async (signal) => {
      const ids = batch.map(({ _id }) => _id)
      const result = await collection.deleteMany(
        { $and: [ended, { _id: { $in: ids } }] },
        abortable(MAJORITY, signal),
      )
      return result.deletedCount
    })
  }
}

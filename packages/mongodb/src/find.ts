import type { Collection, Db, Long } from 'mongodb'
import { PLAIN_VALUES, type ReadConcern } from './concerns.ts'
import type { StoredDocument } from './document.ts'

interface Reply {
  readonly cursor: { readonly firstBatch: StoredDocument[]; readonly id: number | Long }
}

/** Where documents are. */
export interface Place {
  readonly db: Db
  readonly collection: Collection<StoredDocument>
}

/**
 * The documents under some ids. As a command: the driver's cursors take it longer than the rest of a
 * read does, and are needed only for answers of more than 16 MB. The driver repeats no command, so
 * that whoever calls this has to.
 */
export async function findByIds(
  { db, collection }: Place,
  ids: readonly string[],
  { readPreference, readConcern }: ReadConcern,
  signal: AbortSignal,
): Promise<StoredDocument[]> {
  const filter = { _id: { $in: [...ids] } }
  // Room for all and one more: an answer that is not full needs no second round trip.
  const batchSize = ids.length + 1
  const { cursor } = (await db.command(
    { find: collection.collectionName, filter, batchSize, readConcern },
    { ...PLAIN_VALUES, readPreference, signal },
  )) as Reply
  const { firstBatch, id } = cursor
  if (Number(id) === 0) return firstBatch
  const cursors = [typeof id === 'number' ? BigInt(id) : id]
  // The rest could be had only in the driver's session of that command. Nobody waits for what sweeps
  // up, or fails by it: the server lets go of the cursor by itself after a while.
  void db.command({ killCursors: collection.collectionName, cursors }, { signal }).catch(() => {})
  const options = { readPreference, readConcern, signal, batchSize }
  return collection.find(filter, options).toArray()
}

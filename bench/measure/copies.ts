import { randomBytes } from 'node:crypto'
import type { Db } from 'mongodb'

/** A session as the store for MongoDB keeps it, as far as copies must differ. */
interface Document {
  readonly _id: string
  readonly secretHash: string
  readonly userId: string
  readonly groups: readonly { readonly group: string }[]
}

const BATCH = 5000

export interface Copies {
  /** Whose session is there, to be copied. */
  readonly template: string
  readonly count: number
  /** Whose the copies are. */
  readonly userOf: (index: number) => string
}

/** Fills a store's collection with copies of a real session, faster than logins could. */
export async function insertCopies(db: Db, { template, count, userOf }: Copies): Promise<void> {
  const collection = db.collection<Document>('sessions')
  const found = await collection.findOne({ userId: template })
  if (found === null) throw new Error(`There is no session of ${template} to copy`)
  for (let from = 0; from < count; from += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, count - from) }, (_, index) =>
      copyOf(found, userOf(from + index)),
    )
    await collection.insertMany(batch, { ordered: false, writeConcern: { w: 1 } })
  }
}

function copyOf(document: Document, userId: string): Document {
  return {
    ...document,
    _id: randomBytes(16).toString('base64url'),
    secretHash: randomBytes(32).toString('base64url'),
    userId,
    groups: document.groups.map((membership) =>
      membership.group === `user:${document.userId}`
        ? { ...membership, group: `user:${userId}` }
        : membership,
    ),
  }
}

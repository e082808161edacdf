import { setTimeout as delay } from 'node:timers/promises'
import { SessionError } from '@adjourn/core'
import type { Db } from 'mongodb'

/** As connect-mongo writes it: `session` is a JSON text, or with `stringify: false` an object. */
export interface OldRecord {
  readonly _id: string
  readonly session: unknown
  readonly expires?: Date
}

/** What is left of express-session in its collection. Calls reject with `ERR_STORE_UNAVAILABLE`. */
export interface OldRecords {
  find(id: string): Promise<OldRecord | undefined>
  /** Takes it away, if it is still as it was found. Of all who try, one gets true. */
  take(found: OldRecord): Promise<boolean>
  delete(id: string): Promise<void>
}

const TIMEOUT_MS = 5000

export function openOldRecords(db: Db, collection: string): OldRecords {
  const records = db.collection<OldRecord>(collection, {
    // A failover must not bring back what was taken, nor may a secondary still show it.
    writeConcern: { w: 'majority' },
    readPreference: 'primary',
  })
  return {
    async find(id) {
      const isLive = { $or: [{ expires: { $exists: false } }, { expires: { $gt: new Date() } }] }
      return (await bounded(records.findOne({ _id: id, ...isLive }))) ?? undefined
    },
    async take({ _id, session }) {
      return (await bounded(records.findOneAndDelete({ _id, session }))) !== null
    },
    async delete(id) {
      await bounded(records.deleteOne({ _id: id }))
    },
  }
}

/** The driver would wait for half a minute, with the browser's user before an empty page. */
async function bounded<T>(call: Promise<T>): Promise<T> {
  const answered = new AbortController()
  const late = delay(TIMEOUT_MS, 'late' as const, answered).catch(() => 'late' as const)
  try {
    const first = await Promise.race([call, late])
    if (first === 'late') throw new Error('No answer in time')
    return first
  } catch (cause) {
    const why = 'The sessions of express-session cannot be reached'
    throw new SessionError('ERR_STORE_UNAVAILABLE', why, { cause })
  } finally {
    answered.abort()
  }
}

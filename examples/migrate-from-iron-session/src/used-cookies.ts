import { setTimeout as delay } from 'node:timers/promises'
import { SessionError } from '@adjourn/core'
import { MongoServerError, type Db } from 'mongodb'
import type { OldCookie } from './old-cookie.ts'

/**
 * Which old cookies are used up. iron-session has no records: a cookie is good wherever it is copied
 * to until it expires, unless it is remembered. Calls reject with `ERR_STORE_UNAVAILABLE`.
 */
export interface UsedCookies {
  has(cookie: OldCookie): Promise<boolean>
  /** Of all who try with one cookie, in one spelling or another, one gets true. */
  use(cookie: OldCookie): Promise<boolean>
}

const TIMEOUT_MS = 5000
const DAY_MS = 86_400_000
const DUPLICATE_KEY = 11_000

/** @param until From then on no old cookie is accepted, and none has to be remembered. */
export function openUsedCookies(db: Db, collection: string, until: Date): UsedCookies {
  const used = db.collection<{ _id: string; expiresAt: Date }>(collection, {
    // A failover must not make it forget, nor may a secondary that does not know yet be asked.
    writeConcern: { w: 'majority' },
    readPreference: 'primary',
  })
  // Housekeeping: what fails now is made at the next start.
  used.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 }).catch(() => {})
  return {
    async has({ digest }) {
      return (await bounded(used.findOne({ _id: digest }))) !== null
    },
    async use({ digest, expiresAt }) {
      // A day more, in case the clock of the database is ahead.
      const forgetAt = new Date((expiresAt ?? until).getTime() + DAY_MS)
      const insert = used.insertOne({ _id: digest, expiresAt: forgetAt })
      return bounded(insert.then(() => true, refused))
    },
  }
}

/** Only insertOne writes, and a key is there once: that is the whole race. */
function refused(error: unknown): false {
  if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return false
  throw error
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
    const why = 'The used cookies of iron-session cannot be reached'
    throw new SessionError('ERR_STORE_UNAVAILABLE', why, { cause })
  } finally {
    answered.abort()
  }
}

import type { SessionEvent } from './events.ts'
import type { SessionSummary } from './record.ts'
import type { SessionStore } from './store.ts'

/**
 * Deletes a record found expired, and reports its end. False: it has been seen meanwhile, or somebody
 * else has deleted it.
 */
export type Expire = (record: SessionSummary) => Promise<boolean>

/** Whoever deletes it reports it, so that a session ends once, however many meet its record. */
export function createExpire(
  { delete: remove }: Pick<SessionStore, 'delete'>,
  absoluteTimeout: number,
  { now, emit }: { readonly now: () => Date; readonly emit: (event: SessionEvent) => void },
): Expire {
  return async (record) => {
    const { id: sessionId, userId, lastSeenAt } = record
    try {
      if (!(await remove(sessionId, { lastSeenAt }))) return false
    } catch {
      // It is over all the same; the next request that meets it tries again.
      return true
    }
    const reason = endReason(record, absoluteTimeout)
    const about = userId === undefined ? {} : { userId }
    emit({ type: 'ended', reason, at: now(), sessionId, ...about })
    return true
  }
}

/** The timeout that ran out first. */
function endReason(
  { createdAt, expiresAt, endsAt }: SessionSummary,
  absoluteTimeout: number,
): 'idle' | 'absolute' {
  const absoluteEnd = Math.min(endsAt.getTime(), createdAt.getTime() + absoluteTimeout * 1000)
  return expiresAt.getTime() < absoluteEnd ? 'idle' : 'absolute'
}

import { constantTimeEqual, hashSecret } from './bytes.ts'
import { findCookie } from './cookie.ts'
import { seenAt, standingOf, type Engine } from './engine.ts'
import type { RejectReason } from './events.ts'
import { groupNames, type Epochs, type SessionRecord } from './record.ts'
import type { OpenedCookie } from './seal.ts'

/** What a request's cookie amounts to. */
export type SessionState =
  /** No cookie, or one that is not ours. */
  | { readonly kind: 'none' }
  /** An authentic cookie whose session is over. */
  | { readonly kind: 'dead'; readonly id: string | undefined }
  /** An authentic cookie of a live session that was rotated: the browser has a newer one. */
  | { readonly kind: 'stale'; readonly id: string; readonly userId: string | undefined }
  | { readonly kind: 'live'; readonly record: SessionRecord }
  /** Ended in this request, or found to be over by a write. */
  | (SessionIdentity & { readonly kind: 'over' })

/** What there is to end. */
export interface SessionIdentity {
  readonly id: string | undefined
  readonly userId: string | undefined
  /** The store has acknowledged the deletion, or there never was a record. */
  readonly deleted: boolean
}

export function identityOf(state: SessionState): SessionIdentity {
  switch (state.kind) {
    case 'none':
      return { id: undefined, userId: undefined, deleted: true }
    case 'dead':
      return { id: state.id, userId: undefined, deleted: state.id === undefined }
    case 'stale':
      return { id: state.id, userId: state.userId, deleted: false }
    case 'live':
      return { id: state.record.id, userId: state.record.userId, deleted: false }
    case 'over':
      return state
  }
}

/** From a Cookie header to a state, by at most one round trip to the store. */
export async function identify(
  engine: Engine,
  cookieHeader: string | null | undefined,
): Promise<SessionState> {
  const found = findCookie(cookieHeader, engine.options.cookie.attributes.name)
  if (found.kind === 'none') return found
  if (found.kind === 'duplicate') return reject(engine, 'malformed')
  const opening = await engine.sealer.open(found.value)
  if (opening.kind === 'rejected') {
    const none = reject(engine, opening.reason)
    // Once our cookie, as far as can be told; which one, cannot.
    return opening.reason === 'expired' ? { kind: 'dead', id: undefined } : none
  }
  const { cookie } = opening
  const { record, epochs } = await engine.store.read(cookie.id, cookie.groups)
  return classify(engine, cookie, { record, epochs })
}

/** The secret in the request's cookie that has this hash; it is kept nowhere else. */
export async function secretIn(
  { sealer, options }: Engine,
  cookieHeader: string | null | undefined,
  secretHash: string,
): Promise<string | undefined> {
  const found = findCookie(cookieHeader, options.cookie.attributes.name)
  if (found.kind !== 'found') return undefined
  for (const secret of await sealer.secretsOf(found.value)) {
    if ((await hashSecret(secret)) === secretHash) return secret
  }
  return undefined
}

function classify(
  engine: Engine,
  cookie: OpenedCookie,
  { record, epochs }: { record: SessionRecord | undefined; epochs: Epochs },
): SessionState {
  const { id } = cookie
  if (record === undefined || standingOf(engine, record, epochs) !== 'live') {
    reject(engine, 'expired', id)
    return { kind: 'dead', id }
  }
  if (!hasSecret(record, cookie)) {
    reject(engine, 'stale-secret', id)
    return { kind: 'stale', id, userId: record.userId }
  }
  // The secret and the groups change together; a record that names others was tampered with, and
  // their epochs have not been read.
  if (!groupNames(record).every((group) => cookie.groups.includes(group))) {
    reject(engine, 'malformed', id)
    return { kind: 'dead', id }
  }
  return { kind: 'live', record: seen(engine, record) }
}

function hasSecret({ secretHash }: SessionRecord, cookie: OpenedCookie): boolean {
  const current = constantTimeEqual(secretHash, cookie.secretHash)
  return current || constantTimeEqual(secretHash, cookie.formerHash ?? '')
}

function reject(engine: Engine, reason: RejectReason, sessionId?: string): SessionState {
  const about = sessionId === undefined ? {} : { sessionId }
  engine.emit({ type: 'rejected', at: engine.now(), reason, ...about })
  return { kind: 'none' }
}

/** Moves the idle timeout if it is due; the request does not wait for the write. */
function seen(engine: Engine, record: SessionRecord): SessionRecord {
  const now = engine.now()
  const since = now.getTime() - record.lastSeenAt.getTime()
  if (since < engine.options.touchAfter * 1000) return record
  const moved = seenAt(engine, now, record.endsAt)
  engine.touches.add({ id: record.id, ...moved })
  return { ...record, ...moved }
}

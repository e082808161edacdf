import { constantTimeEqual, hashSecret } from './bytes.ts'
import { own } from './check.ts'
import { findCookie } from './cookie.ts'
import { seenAt, standingOf, type Engine } from './engine.ts'
import type { RejectReason } from './events.ts'
import type { GuardedRead } from './genuine.ts'
import { groupNames, type SessionRecord } from './record.ts'
import type { OpenedCookie } from './seal.ts'
import type { Touch } from './store.ts'
import type { Transport } from './transport.ts'

/** What a request's cookie amounts to. */
export type SessionState =
  /** No cookie, or one that is not ours. */
  | { readonly kind: 'none' }
  /** Two cookies of the name, or too many to look: one may be the session's, and is not to be replaced unasked. */
  | { readonly kind: 'ambiguous' }
  /** An authentic cookie whose session is over. */
  | { readonly kind: 'dead'; readonly id: string | undefined }
  /** An authentic cookie of a live session that was rotated: the browser has a newer one. */
  | { readonly kind: 'stale'; readonly id: string; readonly userId: string | undefined }
  | {
      readonly kind: 'live'
      readonly record: SessionRecord
      /** The request's cookie is to be sealed anew: an older secret has sealed it. */
      readonly isOutdated?: boolean
      /** What the record has been moved by, and the store is to be told. */
      readonly touch?: Touch
    }
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
    case 'ambiguous':
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

/**
 * The session that has to end before one of this user can start: another user's, or one whose end
 * nobody has confirmed, which no later call would know of any more.
 */
export function replacedBy(
  state: SessionState,
  userId: string | undefined,
): SessionIdentity | undefined {
  const before = identityOf(state)
  if (before.deleted) return undefined
  if (state.kind === 'over') return before
  return before.userId === undefined || before.userId === userId ? undefined : before
}

/**
 * From a Cookie header to a state, by at most one round trip to the store: a promise only where there
 * is something to wait for.
 */
export function identify(
  engine: Engine,
  cookieHeader: string | null | undefined,
): SessionState | Promise<SessionState> {
  const found = findCookie(cookieHeader, engine.options.cookie.attributes.name)
  if (found.kind === 'none') return found
  if (found.kind !== 'found') {
    reject(engine, 'malformed')
    if (found.kind === 'duplicate') warnOfDuplicate(engine)
    return { kind: 'ambiguous' }
  }
  const known = engine.sealer.known(found.value)
  return known === undefined ? open(engine, found.value) : lookUp(engine, known)
}

async function open(engine: Engine, value: string): Promise<SessionState> {
  const opening = await engine.sealer.open(value)
  if (opening.kind === 'rejected') {
    const none = reject(engine, opening.reason)
    // Once our cookie, as far as can be told; which one, cannot.
    return opening.reason === 'expired' ? { kind: 'dead', id: undefined } : none
  }
  return lookUp(engine, opening.cookie)
}

function lookUp(engine: Engine, cookie: OpenedCookie): SessionState | Promise<SessionState> {
  const cached = engine.cache.find(cookie.id)
  // The cache may only say yes: what it says no to may have changed since, as touches are not told.
  if (cached?.record !== undefined && judge(engine, cookie, cached) === 'live') {
    return live(engine, cookie, cached.record)
  }
  return readStore(engine, cookie)
}

async function readStore(engine: Engine, cookie: OpenedCookie): Promise<SessionState> {
  const { cache, store } = engine
  const { id, groups } = cookie
  const fetch = (): Promise<GuardedRead> => cache.through(id, groups, () => store.read(id, groups))
  const found = await fetch()
  const { record } = found
  const isExpired = record !== undefined && judge(engine, cookie, found) === 'expired'
  // Another node may have seen the session since this one read it.
  const isMoved = isExpired && !(await engine.expire(record))
  return classify(engine, cookie, isMoved ? await fetch() : found)
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

/** What `diagnose` is told of a cookie. */
export type Inspection =
  | { readonly kind: 'none' | 'duplicate' }
  | { readonly kind: 'rejected'; readonly reason: RejectReason }
  | { readonly kind: 'opened'; readonly id: string; readonly verdict: Verdict }

/** Looks at a request's cookie and leaves no trace: nothing is touched, expired or told. */
export async function inspect(
  engine: Engine,
  cookieHeader: string | null | undefined,
): Promise<Inspection> {
  const found = findCookie(cookieHeader, engine.options.cookie.attributes.name)
  if (found.kind === 'oversized') return { kind: 'rejected', reason: 'malformed' }
  if (found.kind !== 'found') return found
  const opening = await engine.sealer.open(found.value)
  if (opening.kind === 'rejected') return opening
  const { cookie } = opening
  const read = await engine.store.read(cookie.id, cookie.groups)
  return { kind: 'opened', id: cookie.id, verdict: judge(engine, cookie, read) }
}

type Verdict = 'live' | 'gone' | 'expired' | 'revoked' | 'stale' | 'tampered'

function judge(engine: Engine, cookie: OpenedCookie, read: GuardedRead): Verdict {
  const { record, epochs, isTampered } = read
  if (record === undefined) return isTampered ? 'tampered' : 'gone'
  const state = standingOf(engine, record, epochs)
  if (state !== 'live') return state
  if (!hasSecret(record, cookie)) return 'stale'
  return hasGroups(record, cookie) ? 'live' : 'tampered'
}

/**
 * The secret and the groups change together: a record that names others was tampered with, and their
 * epochs have not been read; one that names fewer may be to escape a revocation. A cookie of two
 * secrets names what the session had under either.
 */
function hasGroups(record: SessionRecord, { groups, formerHash }: OpenedCookie): boolean {
  const names = groupNames(record)
  const isAsLong = formerHash !== undefined || names.length === groups.length
  return isAsLong && names.every((group) => groups.includes(group))
}

function classify(engine: Engine, cookie: OpenedCookie, read: GuardedRead): SessionState {
  const { id } = cookie
  const { record } = read
  const verdict = judge(engine, cookie, read)
  if (record !== undefined && verdict === 'live') return live(engine, cookie, record)
  if (record !== undefined && verdict === 'stale') {
    reject(engine, 'stale-secret', id)
    return { kind: 'stale', id, userId: record.userId }
  }
  reject(engine, verdict === 'tampered' ? 'malformed' : 'expired', id)
  return { kind: 'dead', id }
}

function live(engine: Engine, { isOutdated }: OpenedCookie, record: SessionRecord): SessionState {
  return { kind: 'live', ...seen(engine, record), isOutdated }
}

function hasSecret({ secretHash }: SessionRecord, cookie: OpenedCookie): boolean {
  const current = constantTimeEqual(secretHash, cookie.secretHash)
  return current || constantTimeEqual(secretHash, cookie.formerHash ?? '')
}

/** Unless the app has said which one is to go. */
function warnOfDuplicate({ options, warnings }: Engine): void {
  const { attributes, previous } = options.cookie
  const isKnown = previous.some(({ name }) => name === attributes.name)
  if (!isKnown) warnings.warn('duplicate-cookie')
}

function reject(engine: Engine, reason: RejectReason, sessionId?: string): SessionState {
  const about = sessionId === undefined ? {} : { sessionId }
  engine.emit({ type: 'rejected', at: engine.now(), reason, ...about })
  return { kind: 'none' }
}

/** Moves the idle timeout if it is due. */
function seen(
  engine: Engine,
  record: SessionRecord,
): { readonly record: SessionRecord; readonly touch?: Touch } {
  const since = engine.options.clock.now() - record.lastSeenAt.getTime()
  if (since < engine.options.touchAfter * 1000) return { record }
  const moved = seenAt(engine, engine.now(), record.endsAt)
  return { record: own({ ...record, ...moved }), touch: { id: record.id, ...moved } }
}

/** Sends the touch that is due; the request does not wait for the write. */
export function sendTouch(engine: Engine, state: SessionState, transport: Transport): void {
  if (state.kind !== 'live' || state.touch === undefined) return
  const waitUntil = transport.waitUntil && ((work: Promise<void>) => transport.waitUntil?.(work))
  const isSent = engine.touches.add(state.touch, waitUntil)
  if (isSent) engine.cache.seen(state.record)
}

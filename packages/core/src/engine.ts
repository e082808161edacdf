import { base64url, hashSecret } from './bytes.ts'
import { own } from './check.ts'
import { SessionError } from './errors.ts'
import { createEmitter, type SessionEvent } from './events.ts'
import { createExpire, type Expire } from './expiry.ts'
import { createFairCache, userAmong } from './fair-cache.ts'
import { createFeed, type Changes, type Feed } from './feed.ts'
import { createWarnings, type Warnings } from './findings.ts'
import { isGenuine, isGenuineSummary, type GuardedStore } from './genuine.ts'
import type { ResolvedOptions } from './options.ts'
import {
  standing,
  type Epochs,
  type SessionRecord,
  type SessionSummary,
  type Standing,
} from './record.ts'
import { createReadCache, noCache, type ReadCache } from './read-cache.ts'
import { createSealer, type CookiePayload, type Sealer } from './seal.ts'
import { createSignals, type Signals } from './signals.ts'
import type { SessionStore } from './store.ts'
import { createTouchQueue, type TouchQueue } from './touch-queue.ts'

interface RememberedGroups {
  get(id: string): readonly string[] | undefined
  set(id: string, groups: readonly string[]): unknown
}

/** What every operation works with. */
export interface Engine {
  readonly options: ResolvedOptions
  readonly store: GuardedStore
  readonly sealer: Sealer
  readonly touches: TouchQueue
  readonly feed: Feed
  readonly signals: Signals
  readonly cache: ReadCache
  readonly expire: Expire
  /** The groups of sessions that were looked up by their id, so that the next time one read will do. */
  readonly groupsOf: RememberedGroups
  readonly now: () => Date
  readonly emit: (event: SessionEvent) => void
  readonly warnings: Warnings
}

/** Whoever loses a compare-and-set tries again; each round has a winner, so this is never reached. */
export const MOST_TRIES = 1000

export function contended(): SessionError {
  return new SessionError('ERR_STORE_UNAVAILABLE', 'Too many writes to this session at once')
}

/** A new secret and what becomes of it. */
export interface NewSecret {
  readonly secretHash: string
  /** Seals a cookie that holds it, beside another that the record may have. */
  seal(cookie: Omit<CookiePayload, 'secret'>, ttl: number): Promise<string>
}

const MOST_REMEMBERED = 10_000

export function createEngine(options: ResolvedOptions): Engine {
  const { absoluteTimeout, clock, cache } = options
  const feed = createFeed(options.store)
  const store = guard(options.store, feed.tell)
  const now = (): Date => new Date(clock.now())
  const emit = createEmitter([options.onEvent, (event) => options.telemetry.event(event)])
  const expire = createExpire(store, absoluteTimeout, { now, emit })
  const around = { store, feed, now: () => clock.now(), absoluteTimeout, expire }
  return {
    options,
    store,
    sealer: createSealer(options.secrets),
    touches: createTouchQueue(store, now),
    feed,
    signals: createSignals(around),
    cache: cache === undefined ? noCache : createReadCache(feed, cache, around.now),
    expire,
    groupsOf: createFairCache<readonly string[]>(MOST_REMEMBERED, userAmong),
    now,
    emit,
    warnings: createWarnings(options.inDevelopment),
  }
}

/** Tells the audit what has become of a session. */
export function report(
  { emit, now }: Engine,
  type: 'created' | 'rotated' | 'reauthenticated' | 'ended',
  { id, userId }: { readonly id: string; readonly userId?: string | undefined },
  reason: 'logout' | 'replaced' = 'logout',
): void {
  const about = { at: now(), sessionId: id, ...(userId === undefined ? {} : { userId }) }
  emit(type === 'ended' ? { type, reason, ...about } : { type, ...about })
}

export function newId({ options }: Engine): string {
  return base64url(options.random(16))
}

export async function newSecret({ options, sealer }: Engine): Promise<NewSecret> {
  const secret = base64url(options.random(32))
  return {
    secretHash: await hashSecret(secret),
    seal: (cookie, ttl) => sealer.seal({ ...cookie, secret }, ttl),
  }
}

export function standingOf(engine: Engine, record: SessionSummary, epochs: Epochs): Standing {
  const { absoluteTimeout, clock } = engine.options
  return standing(record, epochs, { now: clock.now(), absoluteTimeout })
}

/** The two instants that a write moves when the session is seen. */
export function seenAt(
  { options }: Engine,
  now: Date,
  endsAt: Date,
): Pick<SessionRecord, 'lastSeenAt' | 'expiresAt'> {
  const idleEnd = now.getTime() + options.idleTimeout * 1000
  return { lastSeenAt: now, expiresAt: new Date(Math.min(idleEnd, endsAt.getTime())) }
}

const READ_TRIES = 3

/**
 * Epochs as they are after a write. Tried again: a single failure here would cost the user a session
 * that the store has.
 */
export async function epochsAfter({ store }: Engine, groups: readonly string[]): Promise<Epochs> {
  for (let tries = 1; ; tries++) {
    try {
      const { epochs } = await store.read(undefined, groups)
      return epochs
    } catch (error) {
      if (tries >= READ_TRIES) throw error
    }
  }
}

/**
 * An outage is an error of ours whichever store it is, with the store's own error as its cause. This
 * node's own writes are told here, also those of which nobody knows whether they have happened.
 */
function guard(store: SessionStore, tell: Changes): GuardedStore {
  return {
    async read(id, ...given) {
      const { record, epochs } = await call('read', () => store.read(id, ...given))
      if (record === undefined || id === undefined) return { record: undefined, epochs }
      if (record.id !== id) throw unavailable('answer with the right record')
      const found = own(record)
      if (isGenuine(found)) return { record: found, epochs }
      return { record: undefined, epochs, isTampered: true }
    },
    insert: (record) => call('insert', () => store.insert(record)),
    update: (id, expected, changes) =>
      call('update', () => store.update(id, expected, changes)).finally(() => tell.written(id)),
    async touch(touches, now) {
      try {
        await call('touch', () => store.touch(touches, now))
      } catch (error) {
        // What the cache has taken for seen has to be touched again.
        for (const { id } of touches) tell.written(id)
        throw error
      }
    },
    async delete(id, expected) {
      try {
        const isGone = await call('delete', () => store.delete(id, expected))
        if (isGone) tell.deleted(id)
        return isGone
      } finally {
        tell.written(id)
      }
    },
    async list(group, now) {
      const members = await call('list', () => store.list(group, now))
      return members.map(own).filter(isGenuineSummary)
    },
    revoke: (revocation) =>
      call('revoke', () => store.revoke(revocation)).finally(() => tell.revoked(revocation.group)),
    purge: (epoch) => call('purge', () => store.purge(epoch)),
  }
}

async function call<T>(operation: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof SessionError) throw error
    throw unavailable(operation, { cause: error })
  }
}

function unavailable(operation: string, details?: { readonly cause: unknown }): SessionError {
  const message = `The session store failed to ${operation}`
  return new SessionError('ERR_STORE_UNAVAILABLE', message, details)
}

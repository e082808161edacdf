import type { StandardSchemaV1 } from '@standard-schema/spec'
import { base64url, hashSecret } from './bytes.ts'
import { joinTexts, parseData, textsOf, type Data } from './data.ts'
import { SessionError } from './errors.ts'
import { createEmitter, type SessionEvent } from './events.ts'
import type { ResolvedOptions } from './options.ts'
import {
  standing,
  type Epochs,
  type SessionRecord,
  type SessionSummary,
  type Standing,
} from './record.ts'
import { createSealer, type CookiePayload, type Sealer } from './seal.ts'
import type { SessionStore } from './store.ts'
import { createTouchQueue, type TouchQueue } from './touch-queue.ts'

/** What every operation works with. */
export interface Engine {
  readonly options: ResolvedOptions
  readonly store: SessionStore
  readonly sealer: Sealer
  readonly touches: TouchQueue
  readonly now: () => Date
  readonly emit: (event: SessionEvent) => void
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

export function createEngine(options: ResolvedOptions): Engine {
  const store = guard(options.store)
  const now = (): Date => new Date(options.clock.now())
  return {
    options,
    store,
    sealer: createSealer(options.secrets),
    touches: createTouchQueue(store, now),
    now,
    emit: createEmitter(options.onEvent),
  }
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

/** Runs the schema over data that is about to be written. */
export async function validated({ options }: Engine, json: string): Promise<string> {
  if (options.schema === undefined) return json
  const result = await options.schema['~standard'].validate(parseData(json))
  if (result.issues === undefined) return joinTexts(textsOf(result.value as Data))
  const path = (result.issues[0]?.path ?? []).map(keyOf)
  throw new SessionError(
    'ERR_DATA_INVALID',
    `The session data does not match the schema at "${path.map(String).join('.')}"`,
    { path },
  )
}

function keyOf(segment: PropertyKey | StandardSchemaV1.PathSegment): PropertyKey {
  return typeof segment === 'object' ? segment.key : segment
}

/** An outage is an error of ours whichever store it is, with the store's own error as its cause. */
function guard(store: SessionStore): SessionStore {
  return {
    read: (...given) => call('read', () => store.read(...given)),
    insert: (record) => call('insert', () => store.insert(record)),
    update: (id, expected, changes) => call('update', () => store.update(id, expected, changes)),
    touch: (touches, now) => call('touch', () => store.touch(touches, now)),
    delete: (id, expected) => call('delete', () => store.delete(id, expected)),
    list: (group, now) => call('list', () => store.list(group, now)),
    revoke: (revocation) => call('revoke', () => store.revoke(revocation)),
    purge: (epoch) => call('purge', () => store.purge(epoch)),
  }
}

async function call<T>(operation: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof SessionError) throw error
    const message = `The session store failed to ${operation}`
    throw new SessionError('ERR_STORE_UNAVAILABLE', message, { cause: error })
  }
}

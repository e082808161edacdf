import { serializeCookie } from './cookie.ts'
import {
  contended,
  epochsAfter,
  MOST_TRIES,
  newId,
  newSecret,
  seenAt,
  standingOf,
  validated,
  type Engine,
  type NewSecret,
} from './engine.ts'
import { SessionError } from './errors.ts'
import { membershipsOf, type Fence } from './fence.ts'
import { groupsOf, membershipsUnder, type GroupOptions } from './groups.ts'
import { enforceLimit } from './listing.ts'
import {
  groupNames,
  isAlive,
  type Device,
  type Epochs,
  type Membership,
  type SessionRecord,
} from './record.ts'

export interface StartRequest extends GroupOptions {
  readonly fence?: Fence | undefined
  readonly device?: Device | undefined
  /** The live session of this request that the new one takes over, with its id and its data. */
  readonly known?: SessionRecord | undefined
  /** The new session's data, given the newest of the session taken over. */
  compose(stored: string | undefined): string
}

/** A record as the store acknowledged it, and the cookie that belongs to it. */
export interface Issued {
  readonly record: SessionRecord
  readonly setCookie: string
}

/**
 * Starts a session. Epochs are read before the write and again after it: a revocation that comes in
 * between ends this session too.
 */
export async function start(engine: Engine, request: StartRequest): Promise<Issued> {
  const { known } = request
  const names = groupsOf(request)
  const asked = [...new Set([...names, ...groupNames(known ?? { groups: [] })])]
  const secret = await newSecret(engine)
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const { record: stored, epochs } = await engine.store.read(known?.id, asked)
    const groups = memberships(engine, request, { names, epochs })
    const taken = stored && known && isStill(engine, known, { stored, epochs }) ? stored : undefined
    const data = await validated(engine, request.compose(taken?.data))
    const record = draft(engine, request, { secret, groups, data, taken })
    const setCookie = await sealCookie(engine, secret, record)
    if (await write(engine, record, taken)) {
      await settle(engine, record, taken)
      return { record, setCookie }
    }
  }
  throw contended()
}

function memberships(
  engine: Engine,
  { fence, userId }: StartRequest,
  { names, epochs }: { names: readonly string[]; epochs: Epochs },
): Membership[] {
  const groups = fence
    ? membershipsOf(fence, { userId, groups: names, now: engine.now() })
    : membershipsUnder(names, epochs)
  if (!isUnrevoked(groups, epochs)) throw revoked()
  return groups
}

/** Whether a login joins under epochs that still stand, whichever sessions were kept. */
function isUnrevoked(groups: readonly Membership[], epochs: Epochs): boolean {
  // No session has the id '': a kept session does not vouch for a login made in it.
  return isAlive({ id: '', groups }, epochs)
}

/** Whether the session to take over is alive and still has the secret that this request knows. */
function isStill(
  engine: Engine,
  known: SessionRecord,
  { stored, epochs }: { stored: SessionRecord; epochs: Epochs },
): boolean {
  return stored.secretHash === known.secretHash && standingOf(engine, stored, epochs) === 'live'
}

interface Parts {
  readonly secret: NewSecret
  readonly groups: readonly Membership[]
  readonly data: string
  readonly taken: SessionRecord | undefined
}

function draft(
  engine: Engine,
  { userId, device, known }: StartRequest,
  { secret, groups, data, taken }: Parts,
): SessionRecord {
  const now = engine.now()
  const endsAt = new Date(now.getTime() + engine.options.absoluteTimeout * 1000)
  const shown = device === undefined ? known?.device : withoutUndefined(device)
  return {
    id: taken?.id ?? newId(engine),
    version: (taken?.version ?? 0) + 1,
    secretHash: secret.secretHash,
    groups,
    data,
    createdAt: now,
    endsAt,
    ...seenAt(engine, now, endsAt),
    ...(userId === undefined ? {} : { userId, authenticatedAt: now }),
    ...(shown === undefined ? {} : { device: shown }),
  }
}

function withoutUndefined(device: Device): Device {
  return Object.fromEntries(Object.entries(device).filter(([, fact]) => fact !== undefined))
}

/** Sealed before anything is written: a cookie that is too large must leave no record behind. */
export async function sealCookie(
  engine: Engine,
  secret: NewSecret,
  record: Pick<SessionRecord, 'id' | 'groups' | 'createdAt' | 'endsAt'>,
  formerSecret?: string,
): Promise<string> {
  const { options } = engine
  const ends = Math.min(
    record.endsAt.getTime(),
    record.createdAt.getTime() + options.absoluteTimeout * 1000,
  )
  const left = Math.max(1, Math.ceil((ends - engine.now().getTime()) / 1000))
  const { id } = record
  const former = formerSecret === undefined ? {} : { formerSecret }
  const value = await secret.seal({ id, groups: groupNames(record), ...former }, left)
  const { attributes, persistent } = options.cookie
  return serializeCookie(attributes, value, persistent ? left : undefined)
}

/** Whether the record was written; false: the session taken over changed meanwhile, look again. */
async function write(
  engine: Engine,
  record: SessionRecord,
  taken: SessionRecord | undefined,
): Promise<boolean> {
  const { id, version: _version, ...changes } = record
  if (taken !== undefined) {
    const expected = { version: taken.version, now: engine.now() }
    return acknowledged(engine, record, () => engine.store.update(id, expected, changes))
  }
  if (await acknowledged(engine, record, () => engine.store.insert(record))) return true
  throw new SessionError('ERR_STORE_UNAVAILABLE', 'The store already holds a session of this id')
}

/**
 * A write that failed may have happened: the new secret's hash in the store tells. So does one that
 * answers "no" because a driver repeated it after it had succeeded.
 */
export async function acknowledged(
  { store }: Engine,
  { id, secretHash }: Pick<SessionRecord, 'id' | 'secretHash'>,
  run: () => Promise<boolean>,
): Promise<boolean> {
  let failure: { error: unknown } | undefined
  try {
    if (await run()) return true
  } catch (error) {
    failure = { error }
  }
  const found = await store.read(id, [], { acknowledged: true }).catch((error: unknown) => {
    throw failure ? failure.error : error
  })
  if (found.record?.secretHash === secretHash) return true
  if (failure) throw failure.error
  return false
}

/** What must hold once the record is there; otherwise it goes again. */
async function settle(
  engine: Engine,
  record: SessionRecord,
  taken: SessionRecord | undefined,
): Promise<void> {
  const before = taken?.groups ?? []
  try {
    const names = new Set([...groupNames(record), ...before.map(({ group }) => group)])
    const epochs = await epochsAfter(engine, [...names])
    if (!isUnrevoked(record.groups, epochs) || !isAlive({ id: record.id, groups: before }, epochs))
      throw revoked()
    if (record.userId !== undefined) await enforceLimit(engine, record.userId, record.id)
  } catch (error) {
    await discard(engine, record.id)
    throw error
  }
}

/** Nobody holds the cookie of this record, so that a failure here leaves nothing that signs in. */
export async function discard({ store }: Engine, id: string): Promise<void> {
  await store.delete(id).catch(() => false)
}

function revoked(): SessionError {
  return new SessionError(
    'ERR_SESSION_REVOKED',
    'The sessions of this user, a tag or everyone were revoked during this login',
  )
}

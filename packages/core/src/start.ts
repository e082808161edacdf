import { own } from './check.ts'
import { readContent, writeContent, type Content } from './content.ts'
import { serializeCookie } from './cookie.ts'
import {
  contended,
  epochsAfter,
  MOST_TRIES,
  newId,
  newSecret,
  seenAt,
  standingOf,
  type Engine,
  type NewSecret,
} from './engine.ts'
import { SessionError } from './errors.ts'
import { membershipsOf, type Fence } from './fence.ts'
import { groupsOf, membershipsUnder, type GroupOptions } from './groups.ts'
import {
  enforceLimit,
  findRoom,
  isAdmitted,
  limitReached,
  MOST_LOSSES,
  type Room,
} from './limit.ts'
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
  compose(stored: Content | undefined): Content
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
  const { known, userId } = request
  const names = groupsOf(request)
  const asked = [...new Set([...names, ...groupNames(known ?? { groups: [] })])]
  const secret = await newSecret(engine)
  let lost = 0
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const { record: stored, epochs } = await engine.store.read(known?.id, asked)
    const groups = memberships(engine, request, { names, epochs })
    const taken = stillThere(engine, known, { stored, epochs })
    const content = taken && (await readContent(engine, taken.data))
    const data = await writeContent(engine, request.compose(content))
    const room = await findRoom(engine, userId, taken)
    // A login that may have to make way leaves the anonymous session alone until it may stay.
    const inPlace = room === undefined ? taken : undefined
    const record = draft(engine, request, { secret, groups, data, inPlace })
    const setCookie = await sealCookie(engine, secret, record)
    if (!(await write(engine, record, inPlace))) continue
    const outcome = await settle(engine, record, { taken, room })
    if (outcome === 'started') return { record, setCookie }
    if (outcome === 'crowded' && ++lost === MOST_LOSSES) throw limitReached()
  }
  throw contended()
}

function memberships(
  engine: Engine,
  { fence, userId }: StartRequest,
  { names, epochs }: { names: readonly string[]; epochs: Epochs },
): Membership[] {
  const groups =
    fence === undefined
      ? membershipsUnder(names, epochs)
      : membershipsOf(fence, { userId, groups: names, now: engine.now() })
  if (!isUnrevoked(groups, epochs)) throw revoked()
  return groups
}

/** Whether a login joins under epochs that still stand, whichever sessions were kept. */
function isUnrevoked(groups: readonly Membership[], epochs: Epochs): boolean {
  // No session has the id '': a kept session does not vouch for a login made in it.
  return isAlive({ id: '', groups }, epochs)
}

/** The session to take over, if it is alive and still has the secret that this request knows. */
function stillThere(
  engine: Engine,
  known: SessionRecord | undefined,
  { stored, epochs }: { stored: SessionRecord | undefined; epochs: Epochs },
): SessionRecord | undefined {
  if (stored === undefined || known === undefined) return undefined
  const isSame =
    stored.secretHash === known.secretHash && standingOf(engine, stored, epochs) === 'live'
  return isSame ? stored : undefined
}

interface Parts {
  readonly secret: NewSecret
  readonly groups: readonly Membership[]
  readonly data: string
  /** The session that goes on as this one. */
  readonly inPlace: SessionRecord | undefined
}

function draft(
  engine: Engine,
  { userId, device, known }: StartRequest,
  { secret, groups, data, inPlace }: Parts,
): SessionRecord {
  const now = engine.now()
  const endsAt = new Date(now.getTime() + engine.options.absoluteTimeout * 1000)
  const shown = device === undefined ? known?.device : withoutUndefined(device)
  return own({
    id: inPlace?.id ?? newId(engine),
    version: (inPlace?.version ?? 0) + 1,
    secretHash: secret.secretHash,
    groups,
    data,
    createdAt: now,
    endsAt,
    ...seenAt(engine, now, endsAt),
    ...(userId === undefined ? {} : { userId, authenticatedAt: now }),
    ...(shown === undefined ? {} : { device: shown }),
  })
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

/** The Set-Cookie value of a session whose secret stays, under the newest of the app's secrets. */
export async function reseal(
  engine: Engine,
  secret: string,
  record: SessionRecord,
): Promise<string> {
  const { secretHash } = record
  const seal: NewSecret['seal'] = (cookie, ttl) => engine.sealer.seal({ ...cookie, secret }, ttl)
  return sealCookie(engine, { secretHash, seal }, record)
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

interface Around {
  readonly taken: SessionRecord | undefined
  readonly room: Room | undefined
}

/** `crowded`: others were ahead; `changed`: the session taken over is another by now. Both: again. */
type Outcome = 'started' | 'crowded' | 'changed'

/** What must hold once the record is there; otherwise it goes again. */
async function settle(engine: Engine, record: SessionRecord, around: Around): Promise<Outcome> {
  try {
    const outcome = await outcomeOf(engine, record, around)
    if (outcome !== 'started') await engine.store.delete(record.id)
    return outcome
  } catch (error) {
    await discard(engine, record.id)
    throw error
  }
}

async function outcomeOf(
  engine: Engine,
  record: SessionRecord,
  { taken, room }: Around,
): Promise<Outcome> {
  if (room !== undefined && !(await isAdmitted(engine, record, room))) return 'crowded'
  await assertUnrevoked(engine, record, taken)
  if (record.userId !== undefined) await enforceLimit(engine, record.userId, record.id)
  if (taken === undefined || taken.id === record.id) return 'started'
  return (await supersede(engine, taken, record)) ? 'started' : 'changed'
}

async function assertUnrevoked(
  engine: Engine,
  record: SessionRecord,
  taken: SessionRecord | undefined,
): Promise<void> {
  const before = taken ?? { id: record.id, groups: [] }
  const names = new Set([...groupNames(record), ...groupNames(before)])
  const epochs = await epochsAfter(engine, [...names])
  if (!isUnrevoked(record.groups, epochs) || !isAlive(before, epochs)) throw revoked()
}

/** Ends the anonymous session that a login has copied. False: it was written to meanwhile, or ended. */
async function supersede(
  engine: Engine,
  { id, version }: SessionRecord,
  { secretHash }: SessionRecord,
): Promise<boolean> {
  const expected = { version, now: engine.now() }
  // Nobody has this cookie of it, and a save under way finds it rotated.
  const run = (): Promise<boolean> => engine.store.update(id, expected, { secretHash })
  if (!(await acknowledged(engine, { id, secretHash }, run))) return false
  await discard(engine, id)
  engine.emit({ type: 'ended', reason: 'replaced', at: engine.now(), sessionId: id })
  return true
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

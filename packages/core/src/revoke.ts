import { standingOf, type Engine } from './engine.ts'
import { SessionError, sessionEnded } from './errors.ts'
import { targetGroup, type RevokeTarget } from './groups.ts'
import { groupNames, isSessionId, type GroupEpoch, type SessionRecord } from './record.ts'
import type { Exception } from './store.ts'

export interface Spared {
  readonly id: string | undefined
  /** Change nothing and reject if this session is not alive. */
  readonly required: boolean
}

/** Longer than any session can live, so that no session outlives the epoch that ended it. */
const EPOCH_LIFETIME = 400 * 86_400 * 1000

const PURGE_TRIES = 3

/** One write ends every session of the target; deleting the records follows. */
export function revoke(engine: Engine, target: RevokeTarget, spared?: Spared): Promise<number> {
  return engine.options.telemetry.span('revokeAll', () => endAll(engine, target, spared))
}

async function endAll(
  engine: Engine,
  target: RevokeTarget,
  spared: Spared | undefined,
): Promise<number> {
  const group = targetGroup(target)
  const except = spared && (await exception(engine, group, spared))
  const now = engine.now()
  const expiresAt = new Date(now.getTime() + EPOCH_LIFETIME)
  const wanted = { group, now, expiresAt, ...(except && { except }) }
  const epoch = await engine.store.revoke(wanted)
  if (except?.required && !epoch.keep.includes(except.id)) {
    throw sessionEnded('another revocation came first')
  }
  const count = await purge(engine, epoch)
  const [exceptId] = epoch.keep
  engine.emit({ type: 'revoked', at: engine.now(), target, count, ...(exceptId && { exceptId }) })
  return count
}

/** The session to spare, if it is alive and a member of the group. */
async function exception(
  engine: Engine,
  group: string,
  { id, required }: Spared,
): Promise<Exception | undefined> {
  const record = await liveRecord(engine, id)
  const membership = record?.groups.find((of) => of.group === group)
  if (record !== undefined && membership !== undefined) {
    return { id: record.id, epoch: membership.epoch, required }
  }
  if (required) throw sessionEnded('nothing was revoked')
  return undefined
}

/**
 * The record under an id if that session is alive.
 *
 * @param expected Groups that it is likely to have. Where it has others too, they are remembered, so
 * that the next time one read will do.
 */
export async function liveRecord(
  engine: Engine,
  id: string | undefined,
  expected?: readonly string[],
): Promise<SessionRecord | undefined> {
  if (!isSessionId(id)) return undefined
  const asked = expected === undefined ? [] : (engine.groupsOf.get(id) ?? expected)
  const { record, epochs } = await engine.store.read(id, asked)
  if (record === undefined) return undefined
  const names = groupNames(record)
  if (expected !== undefined) engine.groupsOf.set(id, names)
  const isComplete = names.every((name) => asked.includes(name))
  const all = isComplete ? epochs : (await engine.store.read(undefined, names)).epochs
  return standingOf(engine, record, all) === 'live' ? record : undefined
}

async function purge(engine: Engine, epoch: GroupEpoch): Promise<number> {
  for (let tries = 1; ; tries++) {
    try {
      return await engine.store.purge(epoch)
    } catch (error) {
      if (tries < PURGE_TRIES) continue
      throw new SessionError(
        'ERR_STORE_UNAVAILABLE',
        'The revocation is in effect, but the store did not confirm that all its records are deleted',
        { cause: error },
      )
    }
  }
}

import { standingOf, type Engine } from './engine.ts'
import { tagsOf, userGroup } from './groups.ts'
import { deadline, groupNames, type Device, type SessionSummary } from './record.ts'

/** A session as an account page shows it: never data or secrets. */
export interface SessionInfo {
  /** Public handle, for `destroy`. */
  readonly id: string
  readonly createdAt: Date
  readonly lastSeenAt: Date
  /** When it ends if it is not used. */
  readonly expiresAt: Date
  readonly tags: readonly string[]
  /** What the app gave to `create`. */
  readonly device?: Device
}

async function liveMembers(engine: Engine, group: string): Promise<SessionSummary[]> {
  const members = await engine.store.list(group, engine.now())
  const groups = new Set(members.flatMap(groupNames))
  const { epochs } = await engine.store.read(undefined, [...groups])
  return members.filter((member) => standingOf(engine, member, epochs) === 'live')
}

export async function listSessions(engine: Engine, userId: string): Promise<SessionInfo[]> {
  const members = await liveMembers(engine, userGroup(userId))
  return members
    .toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? -1 : 1))
    .map((member) => ({
      id: member.id,
      createdAt: member.createdAt,
      lastSeenAt: member.lastSeenAt,
      expiresAt: new Date(deadline(member, engine.options.absoluteTimeout)),
      tags: tagsOf(member.groups),
      ...(member.device === undefined ? {} : { device: member.device }),
    }))
}

/** More than any user has sessions; only a store that never deletes gets there. */
const MOST_ROUNDS = 10_000

/**
 * Ends the least recently seen sessions beyond the limit, one at a time and looking again after
 * each, in an order that all nodes agree on: logins at the same time end no more than they must.
 *
 * @param started The session that has just started. It is the newest, whatever the clocks of other
 * nodes say and whoever was seen meanwhile: it moves to the front once rather than end itself. If it
 * is the oldest again, other logins have come after it.
 */
export async function enforceLimit(engine: Engine, userId: string, started: string): Promise<void> {
  const { maxSessionsPerUser } = engine.options
  if (maxSessionsPerUser === Infinity) return
  let moved = false
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const members = await liveMembers(engine, userGroup(userId))
    if (members.length <= maxSessionsPerUser) return
    const oldest = members.reduce((a, b) => (isOlder(b, a) ? b : a))
    if (oldest.id === started && !moved) {
      moved = true
      await moveToFront(engine, oldest, members)
    } else if (await engine.store.delete(oldest.id, { lastSeenAt: oldest.lastSeenAt })) {
      const { id: sessionId } = oldest
      engine.emit({ type: 'ended', reason: 'limit', at: engine.now(), sessionId, userId })
    }
  }
}

async function moveToFront(
  { store, now }: Engine,
  { id, expiresAt }: SessionSummary,
  members: readonly SessionSummary[],
): Promise<void> {
  const newest = Math.max(...members.map(({ lastSeenAt }) => lastSeenAt.getTime()))
  await store.touch([{ id, lastSeenAt: new Date(newest + 1), expiresAt }], now())
}

function isOlder(a: SessionSummary, b: SessionSummary): boolean {
  const difference = a.lastSeenAt.getTime() - b.lastSeenAt.getTime()
  return difference === 0 ? a.id < b.id : difference < 0
}

import type { Engine } from './engine.ts'
import { SessionError } from './errors.ts'
import { userGroup } from './groups.ts'
import { liveMembers } from './listing.ts'
import type { SessionRecord, SessionSummary } from './record.ts'

/** More than any user has sessions; only a store that never deletes gets there. */
const MOST_ROUNDS = 10_000

/**
 * `end-oldest`: ends the least recently seen sessions beyond the limit, one at a time and looking
 * again after each, in an order that all nodes agree on: logins at the same time end no more than
 * they must.
 *
 * @param started The session that has just started. It is the newest, whatever the clocks of other
 * nodes say and whoever was seen meanwhile: it moves to the front once rather than end itself. If it
 * is the oldest again, other logins have come after it.
 */
export async function enforceLimit(engine: Engine, userId: string, started: string): Promise<void> {
  const { maxSessionsPerUser, onLimit } = engine.options
  if (maxSessionsPerUser === Infinity || onLimit !== 'end-oldest') return
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

const isOlder = (a: SessionSummary, b: SessionSummary): boolean =>
  isBefore([a.lastSeenAt, a.id], [b.lastSeenAt, b.id])

type Rank = readonly [at: Date, id: string]

function isBefore([at, id]: Rank, [otherAt, otherId]: Rank): boolean {
  const difference = at.getTime() - otherAt.getTime()
  return difference === 0 ? id < otherId : difference < 0
}

/** How often a login makes way for others and tries again, where it finds out if there is room left. */
export const MOST_LOSSES = 10

/** How often a login looks whether those behind it have made way. */
const MOST_LOOKS = 10

/** The room that a login found. */
export interface Room {
  readonly userId: string
  /** The sessions that were there before it. */
  readonly before: ReadonlySet<string>
}

/**
 * `reject`, before a login is written: rejects it if the user has no room. Undefined: it needs none.
 *
 * @param taken The session that the login takes over. The user's own is counted already.
 */
export async function findRoom(
  engine: Engine,
  userId: string | undefined,
  taken: SessionRecord | undefined,
): Promise<Room | undefined> {
  const { maxSessionsPerUser, onLimit } = engine.options
  if (maxSessionsPerUser === Infinity || onLimit !== 'reject') return undefined
  if (userId === undefined || taken?.userId === userId) return undefined
  const members = await liveMembers(engine, userGroup(userId))
  if (members.length >= maxSessionsPerUser) throw limitReached()
  return { userId, before: new Set(members.map(({ id }) => id)) }
}

/**
 * `reject`, once a login is written: whether it may stay. It may once it sees no more sessions than
 * the limit: of all that stay, the last to look has seen the others, so they are never too many,
 * whatever the clocks say. As long as it sees too many, it makes way if enough are ahead of it, and
 * looks again if those behind it are to make way. Ahead are those that were there before, then the
 * earlier ones: nodes that agree on the order let somebody in. Nobody ends a session but their own.
 */
export async function isAdmitted(
  engine: Engine,
  { id, createdAt }: SessionRecord,
  { userId, before }: Room,
): Promise<boolean> {
  const { maxSessionsPerUser } = engine.options
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const members = await liveMembers(engine, userGroup(userId))
    if (members.length <= maxSessionsPerUser) return true
    const ahead = members.filter(
      (other) => before.has(other.id) || isBefore([other.createdAt, other.id], [createdAt, id]),
    )
    if (ahead.length >= maxSessionsPerUser) return false
  }
  // Those behind it do not make way: they have been let in.
  return false
}

export function limitReached(): SessionError {
  return new SessionError(
    'ERR_SESSION_LIMIT',
    'The user has as many sessions as maxSessionsPerUser allows',
  )
}

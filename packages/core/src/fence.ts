import { own, refuse } from './check.ts'
import type { Engine } from './engine.ts'
import { SessionError } from './errors.ts'
import { areMemberships } from './genuine.ts'
import { groupsOf, membershipsUnder, userGroup, type GroupOptions } from './groups.ts'
import type { Membership } from './record.ts'

/**
 * The epochs of everything a login will join, as they were before the credentials were checked.
 * Plain JSON, to be handed to `create` as it is; good for 15 minutes.
 */
export interface Fence {
  /** Whose login it vouches for. */
  readonly userId: string
  /** When it was taken, in milliseconds since the epoch. */
  readonly takenAt: number
  /** What the login may join, each with its epoch of then. */
  readonly groups: readonly Membership[]
}

const GOOD_FOR = 15 * 60 * 1000

export async function takeFence(
  engine: Engine,
  { since, ...rest }: GroupOptions & { userId: string; since?: Date },
): Promise<Fence> {
  const options = own(rest)
  userGroup(options.userId)
  const names = groupsOf(options)
  if (since !== undefined && !isInstant(since)) refuse(['since must be a valid Date'])
  const takenAt = engine.now().getTime()
  const { epochs } = await engine.store.read(undefined, names)
  const groups = membershipsUnder(names, epochs)
  // A revocation of that very millisecond may have come later in it.
  const isRevoked = ({ epoch }: Membership): boolean =>
    epoch !== null && since !== undefined && epoch >= since.getTime()
  if (groups.some(isRevoked)) {
    throw new SessionError(
      'ERR_SESSION_REVOKED',
      'What this login would join was revoked after it began; start it again',
    )
  }
  return { userId: options.userId, takenAt, groups }
}

const isInstant = (value: unknown): boolean =>
  value instanceof Date && !Number.isNaN(value.getTime())

/** The memberships that a fence vouches for, or `ERR_SESSION_REVOKED` if it does not. */
export function membershipsOf(
  fence: Fence,
  { userId, groups, now }: { userId: string | undefined; groups: readonly string[]; now: Date },
): Membership[] {
  if (!areMemberships(own(Object(fence) as Fence).groups)) throw refused('it is none')
  if (fence.userId !== userId) throw refused('it was taken for another user')
  // Another node's clock may run ahead of ours.
  if (!(Math.abs(now.getTime() - fence.takenAt) <= GOOD_FOR)) {
    throw refused('it is older than 15 minutes')
  }
  const covered = new Map(fence.groups.map((membership) => [membership.group, membership]))
  return groups.map((group) => {
    const membership = covered.get(group)
    if (membership === undefined) {
      throw refused('it does not cover the tags or the federation of this login')
    }
    return membership
  })
}

function refused(why: string): SessionError {
  return new SessionError('ERR_SESSION_REVOKED', `The fence is refused: ${why}`)
}

import { standingOf, type Engine } from './engine.ts'
import { tagsOf, userGroup } from './groups.ts'
import { deadline, groupNames, type Device, type SessionSummary } from './record.ts'

/** A session as an account page shows it: never data or secrets. */
export interface SessionInfo {
  /** Public handle, for `destroy`. */
  readonly id: string
  /** When it was started, by its login if it has a user. */
  readonly createdAt: Date
  /** When it was last used, as of the last write: up to `touchAfter` seconds early. */
  readonly lastSeenAt: Date
  /** When it ends if it is not used. */
  readonly expiresAt: Date
  /** As `create` or `rotate` set them. */
  readonly tags: readonly string[]
  /** What the app gave to `create`. */
  readonly device?: Device
}

/** A session as `find` tells of it: never data or secrets. */
export interface SessionDetails extends SessionInfo {
  /** Absent: anonymous. */
  readonly userId?: string
  /** When the user last proved who they are. */
  readonly authenticatedAt?: Date
}

/** The members of a group whose sessions are alive, in no order. */
export async function liveMembers(engine: Engine, group: string): Promise<SessionSummary[]> {
  const members = await engine.store.list(group, engine.now())
  const groups = new Set(members.flatMap(groupNames))
  const { epochs } = await engine.store.read(undefined, [...groups])
  return members.filter((member) => standingOf(engine, member, epochs) === 'live')
}

export async function listSessions(engine: Engine, userId: string): Promise<SessionInfo[]> {
  const members = await liveMembers(engine, userGroup(userId))
  return members
    .toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? -1 : 1))
    .map((member) => infoOf(engine, member))
}

function infoOf({ options }: Engine, member: SessionSummary): SessionInfo {
  return {
    id: member.id,
    createdAt: member.createdAt,
    lastSeenAt: member.lastSeenAt,
    expiresAt: new Date(deadline(member, options.absoluteTimeout)),
    tags: tagsOf(member.groups),
    ...(member.device === undefined ? {} : { device: member.device }),
  }
}

export function detailsOf(engine: Engine, record: SessionSummary): SessionDetails {
  const { userId, authenticatedAt } = record
  return {
    ...infoOf(engine, record),
    ...(userId === undefined ? {} : { userId }),
    ...(authenticatedAt === undefined ? {} : { authenticatedAt }),
  }
}

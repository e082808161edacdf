import { own } from './check.ts'
import { readContent, writeContent, type Content } from './content.ts'
import {
  contended,
  epochsAfter,
  MOST_TRIES,
  newSecret,
  seenAt,
  standingOf,
  type Engine,
  type NewSecret,
} from './engine.ts'
import { sessionEnded } from './errors.ts'
import { isTagGroup, membershipsUnder, tagGroups } from './groups.ts'
import { groupNames, isAlive, type Epochs, type SessionRecord } from './record.ts'
import { acknowledged, sealCookie, type Issued } from './start.ts'
import type { SessionChanges } from './store.ts'

interface Plan {
  readonly changes: SessionChanges
  /** How to find out what became of a write that failed. Default: it is not known. */
  readonly confirm?: (write: () => Promise<boolean>) => Promise<boolean>
}

interface Written {
  readonly before: SessionRecord
  readonly after: SessionRecord
}

type Planner = (stored: SessionRecord, now: Date, epochs: Epochs) => Promise<Plan>

/**
 * Reads, plans and compares-and-sets until it wins. It goes on only while the session is alive and
 * has the secret that this request knows: a cookie from before a login or a rotation that is still
 * in flight must not write into the session after it.
 */
async function writeLive(
  engine: Engine,
  known: SessionRecord,
  plan: Planner,
  joining: readonly string[] = [],
): Promise<Written> {
  const groups = [...new Set([...groupNames(known), ...joining])]
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const { record: before, epochs } = await engine.store.read(known.id, groups)
    if (before === undefined) throw sessionEnded('its record is gone')
    if (before.secretHash !== known.secretHash) throw sessionEnded('its cookie was rotated')
    const state = standingOf(engine, before, epochs)
    if (state !== 'live') throw sessionEnded(`it has ${state === 'expired' ? '' : 'been '}${state}`)
    const now = engine.now()
    const { changes, confirm = (write) => write() } = await plan(before, now, epochs)
    const expected = { version: before.version, now }
    if (await confirm(() => engine.store.update(before.id, expected, changes))) {
      return { before, after: own({ ...before, ...changes, version: before.version + 1 }) }
    }
  }
  throw contended()
}

/** Writes data that `compose` makes from the newest stored. */
export async function writeData(
  engine: Engine,
  known: SessionRecord,
  compose: (stored: Content) => Content | Promise<Content>,
): Promise<SessionRecord> {
  const { after } = await writeLive(engine, known, async (stored, now) => {
    const content = await compose(await readContent(engine, stored.data))
    const data = await writeContent(engine, content)
    return { changes: { data, ...seenAt(engine, now, stored.endsAt) } }
  })
  return after
}

export interface Rotation {
  /** The session's tags from now on. Default: those it has. */
  readonly tags?: readonly string[] | undefined
  /** The user has just proved who they are. */
  readonly reauthenticated: boolean
}

/** What becomes of the browser's cookie where nobody knows whether a rotation has happened. */
export interface Unconfirmed {
  /** The request's secret, if it had a cookie. */
  readonly formerSecret: () => Promise<string | undefined>
  /** Takes a cookie that holds both secrets: an outage must not sign the user out. */
  readonly send: (setCookie: string) => void
}

/** A new secret: the old cookie stops at once. */
export async function rotate(
  engine: Engine,
  known: SessionRecord,
  { tags, reauthenticated }: Rotation,
  unconfirmed: Unconfirmed,
): Promise<Issued> {
  const secret = await newSecret(engine)
  const stay = known.groups.filter(({ group }) => tags === undefined || !isTagGroup(group))
  const wanted = tags === undefined ? [] : [...new Set(tagGroups(tags))]
  const leaves = known.groups.some((of) => !stay.includes(of) && !wanted.includes(of.group))
  // A group that the session is in already keeps its epoch: adopting today's would escape a
  // revocation that has just happened.
  const held = new Map(known.groups.map((membership) => [membership.group, membership]))
  const joining = wanted.map((group) => ({ group, epoch: null }))
  const setCookie = await sealCookie(engine, secret, { ...known, groups: [...stay, ...joining] })
  const { before, after } = await writeLive(
    engine,
    known,
    async (stored, now, epochs) => {
      const tagged = membershipsUnder(wanted, epochs).map((of) => held.get(of.group) ?? of)
      const changes: SessionChanges = {
        secretHash: secret.secretHash,
        groups: [...stay, ...tagged],
        ...seenAt(engine, now, stored.endsAt),
        ...(reauthenticated ? { authenticatedAt: now } : {}),
      }
      const next = { id: stored.id, secretHash: secret.secretHash }
      const confirm = (write: () => Promise<boolean>): Promise<boolean> =>
        acknowledged(engine, next, write).catch(async (error: unknown) => {
          const groups = [...known.groups, ...joining.filter(({ group }) => !held.has(group))]
          // Whoever leaves a group must be looked at again first, and nobody can.
          if (!leaves) await handOut(engine, secret, { ...known, groups }, unconfirmed)
          throw error
        })
      return { changes, confirm }
    },
    wanted,
  )
  if (leaves) await assertStillAlive(engine, before, after)
  return { record: after, setCookie }
}

async function handOut(
  engine: Engine,
  secret: NewSecret,
  record: SessionRecord,
  { formerSecret, send }: Unconfirmed,
): Promise<void> {
  try {
    const former = await formerSecret()
    if (former !== undefined) send(await sealCookie(engine, secret, record, former))
  } catch {
    // Too large with two secrets. What the store did is what the caller is to hear of.
  }
}

/** A revocation of a group that the session was leaving ends it all the same. */
async function assertStillAlive(
  engine: Engine,
  before: SessionRecord,
  after: SessionRecord,
): Promise<void> {
  const groups = [...before.groups, ...after.groups]
  const epochs = await epochsAfter(engine, [...new Set(groupNames({ groups }))])
  if (isAlive({ id: after.id, groups }, epochs)) return
  await engine.store.delete(after.id)
  throw sessionEnded('it was revoked while its tags changed')
}

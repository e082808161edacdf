import { own } from './check.ts'
import { assertFits } from './cookie.ts'
import { SessionError } from './errors.ts'
import type { Epochs, Membership } from './record.ts'

/** Who at the identity provider this session belongs to. */
export interface Federation {
  /** The provider's issuer identifier (`iss`). */
  readonly issuer: string
  /** The user there (`sub`). */
  readonly subject: string
  /**
   * The provider's session (`sid`), if it names one. Without, every logout at the provider that names
   * the subject ends this one.
   */
  readonly sid?: string
}

/** What a login joins. */
export interface GroupOptions {
  readonly userId?: string | undefined
  readonly tags?: readonly string[] | undefined
  readonly federation?: Federation | undefined
}

/** Whose sessions a revocation ends. A text is a user id. */
export type RevokeTarget =
  | string
  | {
      /** All sessions of this user. */
      readonly userId: string
    }
  | {
      /** All sessions with this tag. */
      readonly tag: string
    }
  | {
      /**
       * With `sid`, that session of the provider; without, all of its subject. With `sid: null`, those
       * of the subject that were created without one: where the provider names a session that ends, it
       * may be any of them.
       */
      readonly federation:
        | Federation
        | Omit<Required<Federation>, 'subject'>
        | (Omit<Federation, 'sid'> & {
            /** Only sessions that were created without one. */
            readonly sid: null
          })
    }
  | {
      /** All sessions of all users and visitors. */
      readonly everyone: true
    }

export const EVERYONE = 'everyone'
export const USER = 'user:'
const TAG = 'tag:'

/** More does not fit into a cookie. */
const LONGEST_NAME = 2000

export const userGroup = (userId: string): string => `${USER}${name(userId, 'userId')}`
const tagGroup = (tag: string): string => `${TAG}${name(tag, 'tag')}`
const providerGroup = (kind: 'sub' | 'sid' | 'nosid', issuer: string, value: string): string =>
  `${kind}:${JSON.stringify([name(issuer, 'federation.issuer'), name(value, kind === 'sid' ? 'federation.sid' : 'federation.subject')])}`

/** All groups of a session, each once; everybody's is one of them. */
export function groupsOf({ userId, tags, federation }: GroupOptions): string[] {
  const groups = [EVERYONE]
  if (userId !== undefined) groups.push(userGroup(userId))
  if (federation !== undefined) {
    const { issuer, subject, sid } = own(federation)
    groups.push(
      providerGroup('sub', issuer, subject),
      sid === undefined
        ? providerGroup('nosid', issuer, subject)
        : providerGroup('sid', issuer, sid),
    )
  }
  return [...new Set([...groups, ...tagGroups(tags ?? [])])]
}

export function tagGroups(tags: readonly string[]): string[] {
  if (!Array.isArray(tags)) throw new SessionError('ERR_CONFIG', 'tags must be an array of strings')
  const groups = [...new Set(tags.map(tagGroup))]
  // Before the store is asked for so many epochs; a fence makes no cookie that would be too large.
  assertFits(groups.join('').length)
  return groups
}

export const isTagGroup = (group: string): boolean => group.startsWith(TAG)

export function tagsOf(groups: readonly Membership[]): string[] {
  return groups.filter(({ group }) => isTagGroup(group)).map(({ group }) => group.slice(TAG.length))
}

export function targetGroup(target: RevokeTarget): string {
  if (typeof target === 'string') return userGroup(target)
  const entries = Object.entries(target ?? {})
  const [key, value] = entries[0] ?? []
  if (entries.length === 1) {
    if (key === 'userId') return userGroup(value as string)
    if (key === 'tag') return tagGroup(value as string)
    if (key === 'federation') return federationGroup(value)
    if (key === 'everyone' && value === true) return EVERYONE
  }
  throw new SessionError(
    'ERR_CONFIG',
    'revokeAll takes a user id, { userId }, { tag }, { federation } or { everyone: true }',
  )
}

function federationGroup(federation: unknown): string {
  const {
    issuer = '',
    subject = '',
    sid,
  } = own(Object(federation) as Partial<Omit<Federation, 'sid'> & { readonly sid: string | null }>)
  if (sid === undefined) return providerGroup('sub', issuer, subject)
  return sid === null ? providerGroup('nosid', issuer, subject) : providerGroup('sid', issuer, sid)
}

export function membershipsUnder(groups: readonly string[], epochs: Epochs): Membership[] {
  return groups.map((group) => ({ group, epoch: epochs.get(group)?.epoch ?? null }))
}

// A lone surrogate would be replaced on its way to a store, and two users would share one group.
function name(value: string, what: string): string {
  const fits = typeof value === 'string' && value !== '' && value.length <= LONGEST_NAME
  if (fits && !/\p{Surrogate}/u.test(value)) return value
  throw new SessionError(
    'ERR_CONFIG',
    `${what} must be a well-formed string of 1 to ${LONGEST_NAME} characters`,
  )
}

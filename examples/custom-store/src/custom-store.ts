import { nextEpoch } from '@adjourn/core'
import type { GroupEpoch, SessionRecord, SessionStore } from '@adjourn/core'
import type { Texts } from './texts.ts'

/**
 * Keeps sessions, and the epochs of revocations, as JSON. Each call is done in one turn of the event
 * loop, and so is atomic where one process has the texts to itself. The rules are those of the
 * contract of `SessionStore`; texts keep 3, 4 and 6.
 */
export function customStore(records: Texts, epochs: Texts): SessionStore {
  const find = (id?: string) => parse(id && records.get(id)) as SessionRecord | undefined
  const findEpoch = (group: string) => parse(epochs.get(group)) as GroupEpoch | undefined
  const put = (record: SessionRecord) => records.set(record.id, JSON.stringify(record))
  const members = (group: string) =>
    [...records.values()]
      .map((text) => parse(text) as SessionRecord)
      .filter(({ groups }) => groups.some((membership) => membership.group === group))

  // Rule 2: only what is there, has not expired and, in an update, has the expected version.
  function change(id: string, now: Date, to: Partial<SessionRecord>, version?: number): boolean {
    const before = find(id)
    if (before === undefined || before.expiresAt <= now) return false
    if (version !== undefined && version !== before.version) return false
    const after = { ...before, ...to }
    const lastSeenAt = later(before.lastSeenAt, after.lastSeenAt)
    const expiresAt = earlier(after.endsAt, later(before.expiresAt, after.expiresAt))
    put({ ...after, lastSeenAt, expiresAt })
    return true
  }

  return {
    async read(id, groups) {
      const found = groups.flatMap((group) => findEpoch(group) ?? [])
      return { record: find(id), epochs: new Map(found.map((epoch) => [epoch.group, epoch])) }
    },
    // Rule 1: nothing else inserts, and this never overwrites.
    async insert(record) {
      const isNew = find(record.id) === undefined
      if (isNew) put(record)
      return isNew
    },
    update: async (id, { version, now }, changes) =>
      change(id, now, { ...changes, version: version + 1 }, version),
    touch: async (touches, now) => touches.forEach((seen) => change(seen.id, now, seen)),
    async delete(id, expected) {
      const isMoved = Number(expected?.lastSeenAt) !== Number(find(id)?.lastSeenAt)
      return expected !== undefined && isMoved ? false : records.delete(id)
    },
    async list(group, now) {
      const live = members(group).filter(({ expiresAt }) => expiresAt > now)
      return live.map(({ data: _data, secretHash: _secretHash, ...summary }) => summary)
    },
    async revoke(revocation) {
      const epoch = nextEpoch(findEpoch(revocation.group), revocation)
      epochs.set(epoch.group, JSON.stringify(epoch))
      return epoch
    },
    async purge({ group, epoch, keep }) {
      const isEnded = ({ id, groups }: SessionRecord) =>
        !keep.includes(id) && groups.some((of) => of.group === group && (of.epoch ?? -1) < epoch)
      return members(group).filter((record) => isEnded(record) && records.delete(record.id)).length
    },
  }
}

const later = (a: Date, b: Date): Date => (a > b ? a : b)
const earlier = (a: Date, b: Date): Date => (a < b ? a : b)

// Rule 5: parsed anew each time, so that nobody shares what is stored.
const parse = (text?: string): unknown => text && JSON.parse(text, toDate)
const toDate = (key: string, value: string) => (key.endsWith('At') ? new Date(value) : value)

import type { SessionRecord, SessionStore } from '@adjourn/core'
import { LONG_AGO, recordOf, withEpochs, type Mutant } from './mutant.ts'

/** A purge that lists first and deletes one by one who `isEnded` names. */
function purgeBy(
  sound: SessionStore,
  isEnded: (
    member: Pick<SessionRecord, 'id' | 'groups'>,
    epoch: Parameters<SessionStore['purge']>[0],
  ) => boolean,
  most = Infinity,
): Partial<SessionStore> {
  return {
    async purge(epoch) {
      const members = await sound.list(epoch.group, LONG_AGO)
      const ended = members.filter((member) => isEnded(member, epoch)).slice(0, most)
      for (const { id } of ended) await sound.delete(id)
      return ended.length
    },
  }
}

const isEnded: Parameters<typeof purgeBy>[1] = ({ id, groups }, { group, epoch, keep }) =>
  !keep.includes(id) && groups.some((of) => of.group === group && (of.epoch ?? -1) < epoch)

const purges: readonly Mutant[] = [
  {
    mistake: 'purge deletes everybody',
    caughtBy: ['S40', 'S41', 'S44'],
    mutate: (sound) => ({
      purge: (epoch) => sound.purge({ ...epoch, epoch: Infinity, keep: [] }),
    }),
  },
  {
    mistake: 'purge deletes everybody until nobody is left',
    caughtBy: ['S45'],
    mutate: (sound) => ({
      async purge({ group }) {
        let count = 0
        for (;;) {
          const members = await sound.list(group, LONG_AGO)
          if (members.length === 0) return count
          for (const { id } of members) await sound.delete(id)
          count += members.length
        }
      },
    }),
  },
  {
    mistake: 'purge deletes the kept',
    caughtBy: ['S41'],
    mutate: (sound) => ({ purge: (epoch) => sound.purge({ ...epoch, keep: [] }) }),
  },
  {
    mistake: 'purge deletes who joined under the new epoch',
    caughtBy: ['S40'],
    mutate: (sound) => ({ purge: (epoch) => sound.purge({ ...epoch, epoch: epoch.epoch + 1 }) }),
  },
  {
    mistake: 'purge passes over who joined before the first epoch',
    caughtBy: ['S39'],
    mutate: (sound) =>
      purgeBy(
        sound,
        (member, epoch) =>
          isEnded(member, epoch) && member.groups.every((of) => typeof of.epoch === 'number'),
      ),
  },
  {
    mistake: 'purge goes by the epoch of any group',
    caughtBy: ['S42'],
    mutate: (sound) =>
      purgeBy(
        sound,
        ({ id, groups }, { epoch, keep }) =>
          !keep.includes(id) && groups.some((of) => (of.epoch ?? -1) < epoch),
      ),
  },
  {
    mistake: 'purge takes the epoch away',
    caughtBy: ['S43'],
    mutate(sound) {
      const gone = new Set<string>()
      return {
        async read(id, groups) {
          const { record, epochs } = await sound.read(id, groups)
          return { record, epochs: new Map([...epochs].filter(([group]) => !gone.has(group))) }
        },
        purge(epoch) {
          gone.add(epoch.group)
          return sound.purge(epoch)
        },
      }
    },
  },
  {
    mistake: 'purge ends after its first batch',
    caughtBy: ['S44'],
    mutate: (sound) => purgeBy(sound, isEnded, 1000),
  },
  {
    mistake: 'purge counts what it has seen, not what it has deleted',
    caughtBy: ['S46'],
    mutate: (sound) => purgeBy(sound, isEnded),
  },
]

const lists: readonly Mutant[] = [
  {
    mistake: 'list goes by the user id too',
    caughtBy: ['S47'],
    mutate(sound) {
      const ids = new Set<string>()
      return {
        insert(record) {
          ids.add(record.id)
          return sound.insert(record)
        },
        async list(group, now) {
          const found = await Promise.all([...ids].map((id) => recordOf(sound, id)))
          const ofUser = found.filter((record) => record?.userId === group)
          return [...(await sound.list(group, now)), ...ofUser.filter((each) => each !== undefined)]
        },
      }
    },
  },
  {
    mistake: 'list shows the expired',
    caughtBy: ['S48'],
    mutate: (sound) => ({ list: (group) => sound.list(group, LONG_AGO) }),
  },
  {
    mistake: 'list shows data and secretHash',
    caughtBy: ['S49'],
    mutate: (sound) => ({
      async list(group, now) {
        const members = await sound.list(group, now)
        const records = await Promise.all(members.map(({ id }) => recordOf(sound, id)))
        return records.filter((record) => record !== undefined)
      },
    }),
  },
  {
    mistake: 'list ends after a page',
    caughtBy: ['S50'],
    mutate: (sound) => ({
      list: async (group, now) => (await sound.list(group, now)).slice(0, 1000),
    }),
  },
]

const copies: readonly Mutant[] = [
  {
    mistake: 'records that were handed in are kept as they are',
    caughtBy: ['S51'],
    mutate: (sound) => keepReferences(sound, 'in'),
  },
  {
    mistake: 'returned records are shared',
    caughtBy: ['S53', 'S54'],
    mutate: (sound) => keepReferences(sound, 'out'),
  },
  {
    mistake: 'revocations that were handed in are kept as they are',
    caughtBy: ['S52'],
    mutate: (sound) =>
      withEpochs(sound, ({ group, now, expiresAt, except }) => ({
        group,
        epoch: now.getTime(),
        keep: except ? [except.id] : [],
        expiresAt,
      })),
  },
  {
    mistake: 'list hands out what it keeps',
    caughtBy: ['S53'],
    mutate(sound) {
      const pages = new Map<string, ReturnType<SessionStore['list']>>()
      return {
        async list(group, now) {
          const page = pages.get(group) ?? sound.list(group, now)
          pages.set(group, page)
          return page
        },
      }
    },
  },
]

/** A cache of records, which are copied at their surface only: on the way in, or on the way out. */
function keepReferences(sound: SessionStore, way: 'in' | 'out'): Partial<SessionStore> {
  const cache = new Map<string, SessionRecord>()
  return {
    insert(record) {
      if (way === 'in') cache.set(record.id, { ...record })
      return sound.insert(record)
    },
    async read(id, groups) {
      const { record, epochs } = await sound.read(id, groups)
      if (record === undefined) return { record, epochs }
      const cached = cache.get(record.id) ?? record
      if (way === 'out') cache.set(record.id, cached)
      return { record: { ...cached }, epochs }
    },
    update(id, expected, changes) {
      cache.delete(id)
      return sound.update(id, expected, changes)
    },
  }
}

export const memberMutants: readonly Mutant[] = [...purges, ...lists, ...copies]

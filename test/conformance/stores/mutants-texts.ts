import type { GroupEpoch, SessionRecord, SessionStore } from '@adjourn/core'
import type { Mutant } from './mutant.ts'

/** Rewrites what is inserted and what an update sets. */
function rewriting(
  sound: SessionStore,
  rewrite: <T extends Partial<SessionRecord>>(fields: T) => T,
): Partial<SessionStore> {
  return {
    insert: (record) => sound.insert(rewrite(record)),
    update: (id, expected, changes) => sound.update(id, expected, rewrite(changes)),
  }
}

/** Takes ids to be the same that are not, as a collation does. */
function folding(sound: SessionStore, fold: (id: string) => string): Partial<SessionStore> {
  return {
    async read(id, groups) {
      const { record, epochs } = await sound.read(id && fold(id), groups)
      return { record: record && { ...record, id: id ?? '' }, epochs }
    },
    insert: (record) => sound.insert({ ...record, id: fold(record.id) }),
    update: (id, expected, changes) => sound.update(fold(id), expected, changes),
    touch: (all, now) =>
      sound.touch(
        all.map((touch) => ({ ...touch, id: fold(touch.id) })),
        now,
      ),
    delete: (id, expected) => sound.delete(fold(id), expected),
  }
}

const texts: readonly Mutant[] = [
  {
    mistake: 'data is parsed and printed again',
    caughtBy: ['S55'],
    mutate: (sound) =>
      rewriting(sound, (fields) =>
        fields.data === undefined
          ? fields
          : { ...fields, data: JSON.stringify(JSON.parse(fields.data)) },
      ),
  },
  {
    mistake: 'data is cut off at 64 KB',
    caughtBy: ['S55'],
    mutate: (sound) =>
      rewriting(sound, (fields) =>
        fields.data === undefined ? fields : { ...fields, data: fields.data.slice(0, 65_535) },
      ),
  },
  {
    mistake: 'dates are kept in seconds',
    caughtBy: ['S56'],
    mutate: (sound) =>
      rewriting(sound, (fields) => {
        const { createdAt } = fields
        if (createdAt === undefined) return fields
        return { ...fields, createdAt: new Date(Math.trunc(createdAt.getTime() / 1000) * 1000) }
      }),
  },
  {
    mistake: 'what is absent comes back as undefined',
    caughtBy: ['S57'],
    mutate: (sound) => ({
      async read(id, groups) {
        const { record, epochs } = await sound.read(id, groups)
        const absent = { userId: undefined, authenticatedAt: undefined, device: undefined }
        return { record: record && ({ ...absent, ...record } as SessionRecord), epochs }
      },
    }),
  },
  {
    mistake: 'ids are the same if they look alike',
    caughtBy: ['S58'],
    mutate: (sound) => folding(sound, (id) => id.normalize('NFKC')),
  },
  {
    mistake: 'ids are cut off',
    caughtBy: ['S58'],
    mutate: (sound) => folding(sound, (id) => id.slice(0, 10_000)),
  },
  {
    mistake: 'ids end at NUL',
    caughtBy: ['S58'],
    mutate: (sound) => folding(sound, (id) => id.split('\0')[0] ?? ''),
  },
  {
    mistake: 'groups are the keys of an object',
    caughtBy: ['S59'],
    mutate(sound) {
      let epochs: Record<string, GroupEpoch> = {}
      return {
        async read(id, groups) {
          const { record } = await sound.read(id, [])
          const found = groups.flatMap((group) => epochs[group] ?? [])
          return { record, epochs: new Map(found.map((epoch) => [epoch.group, epoch])) }
        },
        async revoke(revocation) {
          const epoch = await sound.revoke(revocation)
          epochs = { ...epochs }
          epochs[revocation.group] = epoch
          return epoch
        },
      }
    },
  },
  {
    mistake: 'groups do not mind case and spaces',
    caughtBy: ['S59'],
    mutate(sound) {
      const fold = (group: string): string => group.trim().toLowerCase()
      const names = new Map<string, Set<string>>()
      return {
        insert(record) {
          for (const { group } of record.groups) {
            const folded = fold(group)
            names.set(folded, new Set([...(names.get(folded) ?? []), group]))
          }
          return sound.insert(record)
        },
        async list(group, now) {
          const groups = [...(names.get(fold(group)) ?? [])]
          const pages = await Promise.all(groups.map((each) => sound.list(each, now)))
          return pages.flat()
        },
      }
    },
  },
  {
    mistake: 'a touch of an epoch’s id moves the epoch',
    caughtBy: ['S60'],
    mutate(sound) {
      const moved = new Map<string, Date>()
      return {
        async read(id, groups) {
          const { record, epochs } = await sound.read(id, groups)
          const found = [...epochs.values()].map((epoch) => {
            const expiresAt = moved.get(`epoch:${epoch.group}`) ?? epoch.expiresAt
            return { ...epoch, expiresAt }
          })
          return { record, epochs: new Map(found.map((epoch) => [epoch.group, epoch])) }
        },
        touch(all, now) {
          for (const { id, expiresAt } of all) moved.set(id, expiresAt)
          return sound.touch(all, now)
        },
      }
    },
  },
  {
    mistake: 'delete takes an epoch by its id',
    caughtBy: ['S60'],
    mutate(sound) {
      const gone = new Set<string>()
      return {
        async read(id, groups) {
          const left = groups.filter((group) => !gone.has(group))
          return sound.read(id, left)
        },
        delete(id, expected) {
          gone.add(id)
          return sound.delete(id, expected)
        },
      }
    },
  },
]

const outages: readonly Mutant[] = [
  {
    mistake: 'an outage reads like no session',
    caughtBy: ['S61', 'S62'],
    mutate: (sound) => ({
      async read(id, groups) {
        try {
          return await sound.read(id, groups)
        } catch {
          return { record: undefined, epochs: new Map<string, GroupEpoch>() }
        }
      },
    }),
  },
  {
    mistake: 'a delete in an outage is said to be done',
    caughtBy: ['S61', 'S62'],
    mutate: (sound) => ({
      delete: (id, expected) => sound.delete(id, expected).catch(() => false),
    }),
  },
  {
    mistake: 'an outage is an error of the driver',
    caughtBy: ['S61', 'S62'],
    mutate: (sound) => ({
      async touch(all, now) {
        try {
          await sound.touch(all, now)
        } catch {
          throw new Error('ECONNREFUSED')
        }
      },
    }),
  },
  {
    mistake: 'what a failed call was to delete is deleted later',
    caughtBy: ['S61'],
    mutate(sound) {
      const late: (() => Promise<unknown>)[] = []
      return {
        async read(id, groups) {
          const read = await sound.read(id, groups)
          for (const write of late.splice(0)) await write()
          return read
        },
        async delete(id, expected) {
          for (const write of late.splice(0)) await write()
          return sound.delete(id, expected)
        },
        async revoke(revocation) {
          try {
            return await sound.revoke(revocation)
          } catch (error) {
            late.push(() => sound.purge({ ...revocation, epoch: Infinity, keep: [] }))
            throw error
          }
        },
      }
    },
  },
  {
    mistake: 'close does nothing',
    caughtBy: ['S62'],
    mutate: () => ({ close: async () => {} }),
  },
  {
    mistake: 'a second close is an error',
    caughtBy: ['S62'],
    mutate(sound) {
      let closed = false
      return {
        async close() {
          if (closed) throw new Error('Closed already')
          closed = true
          await sound.close?.()
        },
      }
    },
  },
]

export const textMutants: readonly Mutant[] = [...texts, ...outages]

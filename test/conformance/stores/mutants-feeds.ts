import type { SessionStore, Watch, WatchListener } from '@adjourn/core'
import type { Mutant } from './mutant.ts'

/** A store whose listeners hear something else than what it says. */
const hearing = (
  sound: SessionStore,
  change: (to: WatchListener) => Partial<WatchListener>,
): Partial<SessionStore> => ({
  watch: (listener) => watch(sound, { ...listener, ...change(listener) }),
})

/** A store that says something by itself; `everybody` are those who listen. */
function saying(
  sound: SessionStore,
  methods: (everybody: ReadonlySet<WatchListener>) => Partial<SessionStore>,
): Partial<SessionStore> {
  const everybody = new Set<WatchListener>()
  return {
    watch(listener) {
      everybody.add(listener)
      return watch(sound, listener)
    },
    ...methods(everybody),
  }
}

function watch(sound: SessionStore, listener: WatchListener): Watch {
  if (sound.watch === undefined) throw new Error('The sound store has a feed')
  return sound.watch(listener)
}

const NOTHING = (): void => {}

/** Nothing is told of what is done within. */
function silently(
  sound: SessionStore,
  methods: (quiet: <T>(work: () => Promise<T>) => Promise<T>) => Partial<SessionStore>,
): Partial<SessionStore> {
  let silent = false
  const unless =
    (tell: (name: string) => void) =>
    (name: string): void => {
      if (!silent) tell(name)
    }
  return {
    ...hearing(sound, (to) => ({
      deleted: unless((id) => to.deleted(id)),
      written: unless((id) => to.written(id)),
      revoked: unless((group) => to.revoked(group)),
    })),
    ...methods(async (work) => {
      silent = true
      try {
        return await work()
      } finally {
        silent = false
      }
    }),
  }
}

const readings: readonly Mutant[] = [
  {
    mistake: 'there is no feed',
    caughtBy: ['S65', 'S66'],
    mutate: () => ({ watch: undefined }) as unknown as Partial<SessionStore>,
  },
  {
    mistake: 'the feed says only once that it is current',
    caughtBy: ['S66'],
    mutate: (sound) =>
      hearing(sound, (to) => {
        let said = false
        return {
          current(asOf) {
            if (!said) to.current(asOf)
            said = true
          },
        }
      }),
  },
  {
    mistake: 'the feed goes by the time of day',
    caughtBy: ['S66'],
    mutate: (sound) => hearing(sound, (to) => ({ current: () => to.current(Date.now()) })),
  },
  {
    mistake: 'the feed is lost now and then without an outage',
    caughtBy: ['S66'],
    mutate: (sound) =>
      hearing(sound, (to) => ({
        current(asOf) {
          to.current(asOf)
          to.lost()
          to.current(asOf)
        },
      })),
  },
  {
    mistake: 'the feed is current before it has told',
    caughtBy: ['S67', 'S68', 'S69', 'S70', 'S74', 'S77'],
    mutate: (sound) =>
      hearing(sound, (to) => {
        const waiting: (() => void)[] = []
        return {
          deleted: (id) => void waiting.push(() => to.deleted(id)),
          written: (id) => void waiting.push(() => to.written(id)),
          revoked: (group) => void waiting.push(() => to.revoked(group)),
          current(asOf) {
            to.current(asOf)
            for (const tell of waiting.splice(0)) tell()
          },
        }
      }),
  },
]

const changes: readonly Mutant[] = [
  {
    mistake: 'an insert is not told',
    caughtBy: ['S67', 'S75'],
    mutate: (sound) =>
      silently(sound, (quiet) => ({ insert: (record) => quiet(() => sound.insert(record)) })),
  },
  {
    mistake: 'an update is not told',
    caughtBy: ['S67'],
    mutate: (sound) =>
      silently(sound, (quiet) => ({ update: (...args) => quiet(() => sound.update(...args)) })),
  },
  {
    mistake: 'an update that names no field is not told',
    caughtBy: ['S67'],
    mutate: (sound) =>
      silently(sound, (quiet) => ({
        async update(id, expected, fields) {
          const update = (): Promise<boolean> => sound.update(id, expected, fields)
          return Object.keys(fields).length === 0 ? quiet(update) : update()
        },
      })),
  },
  {
    mistake: 'a delete is not told',
    caughtBy: ['S68', 'S77'],
    mutate: (sound) =>
      silently(sound, (quiet) => ({ delete: (...args) => quiet(() => sound.delete(...args)) })),
  },
  {
    mistake: 'a delete by lastSeenAt is not told',
    caughtBy: ['S68'],
    mutate: (sound) =>
      silently(sound, (quiet) => ({
        async delete(id, expected) {
          const end = (): Promise<boolean> => sound.delete(id, expected)
          return expected === undefined ? end() : quiet(end)
        },
      })),
  },
  {
    mistake: 'a delete is told as a write',
    caughtBy: ['S68', 'S69'],
    mutate: (sound) => hearing(sound, (to) => ({ deleted: (id) => to.written(id) })),
  },
  {
    mistake: 'a purge is not told',
    caughtBy: ['S69'],
    mutate: (sound) =>
      silently(sound, (quiet) => ({ purge: (epoch) => quiet(() => sound.purge(epoch)) })),
  },
  {
    mistake: 'only the first batch of a purge is told',
    caughtBy: ['S69'],
    mutate: (sound) =>
      hearing(sound, (to) => {
        let left = 1000
        return {
          deleted(id) {
            if (left-- > 0) to.deleted(id)
          },
        }
      }),
  },
  {
    mistake: 'a purge is told of those kept, too',
    caughtBy: ['S69'],
    mutate: (sound) =>
      saying(sound, (everybody) => ({
        async purge(epoch) {
          for (const to of everybody) for (const id of epoch.keep) to.deleted(id)
          return sound.purge(epoch)
        },
      })),
  },
  {
    mistake: 'only the first revocation of a group is told',
    caughtBy: ['S70'],
    mutate: (sound) =>
      hearing(sound, (to) => {
        const known = new Set<string>()
        return {
          revoked(group) {
            if (!known.has(group)) to.revoked(group)
            known.add(group)
          },
        }
      }),
  },
  {
    mistake: 'names are told without the blanks around them',
    caughtBy: ['S74'],
    mutate: (sound) => hearing(sound, (to) => ({ revoked: (group) => to.revoked(group.trim()) })),
  },
  {
    mistake: 'ids are told up to the first NUL',
    caughtBy: ['S74'],
    mutate: (sound) =>
      hearing(sound, (to) => ({ deleted: (id) => to.deleted(id.split('\0')[0] ?? '') })),
  },
]

const silences: readonly Mutant[] = [
  {
    mistake: 'a touch is told',
    caughtBy: ['S71', 'S72'],
    mutate: (sound) =>
      saying(sound, (everybody) => ({
        async touch(touches, now) {
          await sound.touch(touches, now)
          for (const to of everybody) for (const { id } of touches) to.written(id)
        },
      })),
  },
  {
    mistake: 'an insert is told before it is tried',
    caughtBy: ['S72'],
    mutate: (sound) =>
      saying(sound, (everybody) => ({
        async insert(record) {
          for (const to of everybody) to.written(record.id)
          return sound.insert(record)
        },
      })),
  },
  {
    mistake: 'an update is told before it is tried',
    caughtBy: ['S72'],
    mutate: (sound) =>
      saying(sound, (everybody) => ({
        async update(id, ...rest) {
          for (const to of everybody) to.written(id)
          return sound.update(id, ...rest)
        },
      })),
  },
  {
    mistake: 'a delete is told before it is tried',
    caughtBy: ['S72'],
    mutate: (sound) =>
      saying(sound, (everybody) => ({
        async delete(id, expected) {
          for (const to of everybody) to.deleted(id)
          return sound.delete(id, expected)
        },
      })),
  },
  {
    mistake: 'a purge is told as a revocation',
    caughtBy: ['S72'],
    mutate: (sound) =>
      saying(sound, (everybody) => ({
        async purge(epoch) {
          for (const to of everybody) to.revoked(epoch.group)
          return sound.purge(epoch)
        },
      })),
  },
  {
    mistake: 'a revocation is told that was not written',
    caughtBy: ['S73'],
    mutate: (sound) =>
      saying(sound, (everybody) => ({
        async revoke(revocation) {
          for (const to of everybody) to.revoked(revocation.group)
          return sound.revoke(revocation)
        },
      })),
  },
]

const ends: readonly Mutant[] = [
  {
    mistake: 'who comes later takes the feed from the one before',
    caughtBy: ['S75'],
    mutate(sound) {
      let last: WatchListener | undefined
      return {
        watch(listener) {
          last = listener
          return watch(sound, {
            ...listener,
            deleted: (id) => last === listener && listener.deleted(id),
            written: (id) => last === listener && listener.written(id),
            revoked: (group) => last === listener && listener.revoked(group),
          })
        },
      }
    },
  },
  {
    mistake: 'who closes a feed closes it for all',
    caughtBy: ['S75'],
    mutate(sound) {
      const all: Watch[] = []
      return {
        watch(listener) {
          all.push(watch(sound, listener))
          return { close: async () => void (await Promise.all(all.map((each) => each.close()))) }
        },
      }
    },
  },
  {
    mistake: 'a feed that was closed goes on',
    caughtBy: ['S75'],
    mutate: (sound) => ({
      watch(listener) {
        void watch(sound, listener)
        return { close: async () => {} }
      },
    }),
  },
  {
    mistake: 'a feed cannot be closed twice',
    caughtBy: ['S75'],
    mutate: (sound) => ({
      watch(listener) {
        const watching = watch(sound, listener)
        let closed = false
        return {
          async close() {
            if (closed) throw new Error('Already closed')
            closed = true
            await watching.close()
          },
        }
      },
    }),
  },
  {
    mistake: 'a feed is current after the store was closed',
    caughtBy: ['S76'],
    mutate: (sound) =>
      hearing(sound, (to) => ({
        current() {
          to.current(Infinity)
        },
        lost: NOTHING,
      })),
  },
  {
    mistake: 'a closed store throws where it is asked for a feed',
    caughtBy: ['S76'],
    mutate(sound) {
      let closed = false
      return {
        watch(listener) {
          if (closed) throw new Error('The store is closed')
          return watch(sound, listener)
        },
        async close() {
          closed = true
          await sound.close?.()
        },
      }
    },
  },
  {
    mistake: 'a feed does not come back after an outage',
    caughtBy: ['S77'],
    mutate: (sound) =>
      hearing(sound, (to) => {
        let over = false
        return {
          current(asOf) {
            if (!over) to.current(asOf)
          },
          lost() {
            over = true
            to.lost()
          },
        }
      }),
  },
]

export const feedMutants: readonly Mutant[] = [...readings, ...changes, ...silences, ...ends]

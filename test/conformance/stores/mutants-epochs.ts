import type { GroupEpoch, SessionStore } from '@adjourn/core'
import { epochOf, LONG_AGO, tick, withEpochs, type Mutant } from './mutant.ts'

const epochs: readonly Mutant[] = [
  {
    mistake: 'an acknowledged read knows the past only',
    caughtBy: ['S64'],
    mutate(sound) {
      let past: ReturnType<SessionStore['read']> | undefined
      return {
        read(id, groups, options) {
          if (!options?.acknowledged) return sound.read(id, groups)
          past ??= sound.read(id, groups)
          return past
        },
      }
    },
  },
  {
    mistake: 'a clock that is behind shortens the life of an epoch',
    caughtBy: ['S63'],
    mutate: (sound) =>
      withEpochs(sound, ({ group, now, expiresAt }, previous) => ({
        group,
        epoch: Math.max(now.getTime(), (previous?.epoch ?? 0) + 1),
        keep: [],
        expiresAt,
      })),
  },
  {
    mistake: 'a read by id leaves the epochs out',
    caughtBy: ['S24'],
    mutate: (sound) => ({
      read: (id, groups) => sound.read(id, id === undefined ? groups : []),
    }),
  },
  {
    mistake: 'a batch of reads answers everybody alike',
    caughtBy: ['S25', 'S54'],
    mutate(sound) {
      let batch: ReturnType<SessionStore['read']> | undefined
      return {
        async read(id, groups) {
          batch ??= tick().then(() => {
            batch = undefined
            return sound.read(id, groups)
          })
          return batch
        },
      }
    },
  },
  {
    mistake: 'a new group has an epoch of its own',
    caughtBy: ['S26'],
    mutate: (sound) => ({
      async read(id, groups) {
        const { record, epochs: found } = await sound.read(id, groups)
        const none = { epoch: 0, keep: [], expiresAt: LONG_AGO }
        return {
          record,
          epochs: new Map(groups.map((group) => [group, found.get(group) ?? { group, ...none }])),
        }
      },
    }),
  },
  {
    mistake: 'a read answers with the epochs of the read before',
    caughtBy: ['S26', 'S30'],
    mutate(sound) {
      const stale = new Map<string, GroupEpoch>()
      return {
        async read(id, groups) {
          const { record, epochs: found } = await sound.read(id, groups)
          const known = groups.flatMap((group) => stale.get(group) ?? [])
          for (const [group, epoch] of found) stale.set(group, epoch)
          return { record, epochs: new Map(known.map((epoch) => [epoch.group, epoch])) }
        },
      }
    },
  },
  {
    mistake: 'revoke deletes the records in the same call',
    caughtBy: ['S27'],
    mutate: (sound) => ({
      async revoke(revocation) {
        const epoch = await sound.revoke(revocation)
        await sound.purge(epoch)
        return epoch
      },
    }),
  },
  {
    mistake: 'revoke lets the epoch fall with the clock',
    caughtBy: ['S28', 'S29', 'S30'],
    mutate: (sound) =>
      withEpochs(sound, ({ group, now, expiresAt }) => ({
        group,
        epoch: now.getTime(),
        keep: [],
        expiresAt,
      })),
  },
  {
    mistake: 'revoke counts and forgets the time',
    caughtBy: ['S28'],
    mutate: (sound) =>
      withEpochs(sound, ({ group, expiresAt }, previous) => ({
        group,
        epoch: (previous?.epoch ?? 0) + 1,
        keep: [],
        expiresAt,
      })),
  },
  {
    mistake: 'revoke reads the epoch and writes later',
    caughtBy: ['S29'],
    mutate(sound) {
      const { read, revoke } = withEpochs(sound, ({ group, now, expiresAt }) => ({
        group,
        epoch: now.getTime(),
        keep: [],
        expiresAt,
      }))
      return {
        ...(read && { read }),
        async revoke(revocation) {
          const before = await read?.(undefined, [revocation.group])
          await tick()
          const epoch = (before?.epochs.get(revocation.group)?.epoch ?? 0) + 1
          const now = new Date(Math.max(epoch, revocation.now.getTime()))
          return (revoke ?? sound.revoke)({ ...revocation, now })
        },
      }
    },
  },
]

const exceptions: readonly Mutant[] = [
  {
    mistake: 'keep is blind: dead sessions are kept too',
    caughtBy: ['S34', 'S35', 'S37', 'S38'],
    mutate: (sound) =>
      withEpochs(sound, ({ group, now, expiresAt, except }, previous) => ({
        group,
        epoch: Math.max(now.getTime(), (previous?.epoch ?? 0) + 1),
        keep: except ? [except.id] : [],
        expiresAt,
      })),
  },
  {
    mistake: 'nobody is kept',
    caughtBy: ['S31', 'S32', 'S33'],
    mutate: (sound) => ({
      revoke: ({ except: _except, ...revocation }) => sound.revoke(revocation),
    }),
  },
  {
    mistake: 'who is alive under the epoch replaced is not kept',
    caughtBy: ['S32', 'S37'],
    mutate: (sound) => ({
      async revoke({ except, ...revocation }) {
        if (except === undefined) return sound.revoke(revocation)
        return sound.revoke({ ...revocation, except: { ...except, epoch: null } })
      },
    }),
  },
  {
    mistake: 'who was kept once is not kept again',
    caughtBy: ['S33'],
    mutate: (sound) => ({
      async revoke({ except, ...revocation }) {
        const current = await epochOf(sound, revocation.group)
        const known = except && (current?.epoch ?? except.epoch) === except.epoch
        return sound.revoke(known ? { ...revocation, except } : revocation)
      },
    }),
  },
  {
    mistake: 'a dead exception stops the revocation, required or not',
    caughtBy: ['S34'],
    mutate: (sound) => ({
      revoke: ({ except, ...revocation }) =>
        sound.revoke(
          except ? { ...revocation, except: { ...except, required: true } } : revocation,
        ),
    }),
  },
  {
    mistake: 'required is ignored',
    caughtBy: ['S35', 'S37'],
    mutate: (sound) => ({
      revoke: ({ except, ...revocation }) =>
        sound.revoke(
          except ? { ...revocation, except: { ...except, required: false } } : revocation,
        ),
    }),
  },
  {
    mistake: 'keep lists grow',
    caughtBy: ['S36'],
    mutate: (sound) =>
      withEpochs(sound, ({ group, now, expiresAt, except }, previous) => ({
        group,
        epoch: Math.max(now.getTime(), (previous?.epoch ?? 0) + 1),
        keep: [...(previous?.keep ?? []), ...(except ? [except.id] : [])],
        expiresAt,
      })),
  },
  {
    mistake: 'who is alive is tested before the write, not in it',
    caughtBy: ['S37', 'S38'],
    mutate: (sound) => ({
      async revoke({ except, ...revocation }) {
        if (except === undefined) return sound.revoke(revocation)
        const current = await epochOf(sound, revocation.group)
        await tick()
        const alive =
          current === undefined ||
          current.epoch === except.epoch ||
          current.keep.includes(except.id)
        if (!alive) return except.required ? current : sound.revoke(revocation)
        const epoch = (await epochOf(sound, revocation.group))?.epoch ?? null
        return sound.revoke({ ...revocation, except: { ...except, epoch } })
      },
    }),
  },
]

export const epochMutants: readonly Mutant[] = [...epochs, ...exceptions]

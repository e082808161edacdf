import type { SessionRecord, SessionStore } from '@adjourn/core'
import { LONG_AGO, recordOf, replace, tick, type Mutant } from './mutant.ts'

/** A touch that writes by itself; `next` says what becomes of the record, if there is one. */
function touchBy(
  sound: SessionStore,
  next: (
    record: SessionRecord | undefined,
    touch: { readonly id: string; readonly lastSeenAt: Date; readonly expiresAt: Date },
    now: Date,
  ) => SessionRecord | undefined,
): Partial<SessionStore> {
  return {
    async touch(touches, now) {
      for (const touch of touches) {
        const record = next(await recordOf(sound, touch.id), touch, now)
        if (record !== undefined) await replace(sound, record)
      }
    },
  }
}

const touches: readonly Mutant[] = [
  {
    mistake: 'touch inserts',
    caughtBy: ['S16', 'S17', 'S23'],
    mutate: (sound) =>
      touchBy(sound, (record, touch) => ({
        secretHash: '',
        groups: [],
        data: '{}',
        version: 1,
        createdAt: touch.lastSeenAt,
        endsAt: touch.expiresAt,
        ...record,
        ...touch,
      })),
  },
  {
    mistake: 'touch raises the version',
    caughtBy: ['S12'],
    mutate: (sound) =>
      touchBy(
        sound,
        (record, touch, now) =>
          record &&
          (record.expiresAt > now ? { ...record, ...touch, version: record.version + 1 } : record),
      ),
  },
  {
    mistake: 'touch moves backwards',
    caughtBy: ['S13'],
    mutate: (sound) => touchBy(sound, (record, touch) => record && { ...record, ...touch }),
  },
  {
    mistake: 'touch moves past the absolute end',
    caughtBy: ['S14'],
    mutate: (sound) => touchBy(sound, (record, touch) => record && { ...record, ...touch }),
  },
  {
    mistake: 'touch ignores expiry',
    caughtBy: ['S15', 'S17'],
    mutate: (sound) => ({ touch: (all) => sound.touch(all, LONG_AGO) }),
  },
  {
    mistake: 'touch refuses an empty list',
    caughtBy: ['S17'],
    mutate: (sound) => ({
      async touch(all, now) {
        if (all.length === 0) throw new Error('The batch is empty')
        return sound.touch(all, now)
      },
    }),
  },
  {
    mistake: 'touch writes back what it had read',
    caughtBy: ['S18'],
    mutate: (sound) => ({
      async touch([touch], now) {
        const record = touch && (await recordOf(sound, touch.id))
        await tick()
        if (record !== undefined && record.expiresAt > now)
          await replace(sound, { ...record, ...touch })
      },
    }),
  },
]

const deletes: readonly Mutant[] = [
  {
    mistake: 'delete always says true',
    caughtBy: ['S19', 'S21'],
    mutate: (sound) => ({
      async delete(id, expected) {
        await sound.delete(id, expected)
        return true
      },
    }),
  },
  {
    mistake: 'delete ignores lastSeenAt',
    caughtBy: ['S20'],
    mutate: (sound) => ({ delete: (id) => sound.delete(id) }),
  },
  {
    mistake: 'delete looks first and writes later',
    caughtBy: ['S21'],
    mutate: (sound) => ({
      async delete(id) {
        const record = await recordOf(sound, id)
        await tick()
        await sound.delete(id)
        return record !== undefined
      },
    }),
  },
  {
    mistake: 'delete passes over what has expired',
    caughtBy: ['S22'],
    mutate: (sound) => ({
      async delete(id, expected) {
        const record = await recordOf(sound, id)
        const expired = record && record.expiresAt < new Date('2060-02-29T23:30:00Z')
        return expired ? false : sound.delete(id, expected)
      },
    }),
  },
]

export const touchMutants: readonly Mutant[] = [...touches, ...deletes]

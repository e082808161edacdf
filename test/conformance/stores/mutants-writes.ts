import { LONG_AGO, recordOf, replace, tick, type Mutant } from './mutant.ts'

export const writeMutants: readonly Mutant[] = [
  {
    mistake: 'insert loses a field',
    caughtBy: ['S1'],
    mutate: (sound) => ({
      insert: (record) => sound.insert({ ...record, data: '' }),
    }),
  },
  {
    mistake: 'insert overwrites',
    caughtBy: ['S2', 'S3'],
    mutate: (sound) => ({
      async insert(record) {
        await replace(sound, record)
        return true
      },
    }),
  },
  {
    mistake: 'insert looks first and writes later',
    caughtBy: ['S3'],
    mutate: (sound) => ({
      async insert(record) {
        if (await recordOf(sound, record.id)) return false
        await tick()
        await replace(sound, record)
        return true
      },
    }),
  },
  {
    mistake: 'update is an upsert',
    caughtBy: ['S8', 'S23'],
    mutate: (sound) => ({
      async update(id, expected, changes) {
        if (await recordOf(sound, id)) return sound.update(id, expected, changes)
        const { now } = expected
        const dates = { createdAt: now, lastSeenAt: now, expiresAt: now, endsAt: now }
        const fields = { secretHash: '', groups: [], data: '{}', version: 1, ...dates }
        return sound.insert({ id, ...fields, ...changes })
      },
    }),
  },
  {
    mistake: 'update writes back the whole record that it had read',
    caughtBy: ['S7', 'S23'],
    mutate: (sound) => ({
      async update(id, { version, now }, changes) {
        const record = await recordOf(sound, id)
        if (record?.version !== version || record.expiresAt <= now) return false
        await tick()
        await replace(sound, { ...record, ...changes, version: version + 1 })
        return true
      },
    }),
  },
  {
    mistake: 'update ignores the version',
    caughtBy: ['S6', 'S7'],
    mutate: (sound) => ({
      async update(id, { now }, changes) {
        for (;;) {
          const record = await recordOf(sound, id)
          if (record === undefined || record.expiresAt <= now) return false
          if (await sound.update(id, { version: record.version, now }, changes)) return true
        }
      },
    }),
  },
  {
    mistake: 'update compares the version and writes later',
    caughtBy: ['S7'],
    mutate: (sound) => ({
      async update(id, { version, now }, changes) {
        const record = await recordOf(sound, id)
        if (record?.version !== version) return false
        await tick()
        const { version: current } = (await recordOf(sound, id)) ?? record
        return sound.update(id, { version: current, now }, changes)
      },
    }),
  },
  {
    mistake: 'update ignores expiry',
    caughtBy: ['S9'],
    mutate: (sound) => ({
      update: (id, { version }, changes) => sound.update(id, { version, now: LONG_AGO }, changes),
    }),
  },
  {
    mistake: 'update still takes a session at the millisecond of its end',
    caughtBy: ['S9'],
    mutate: (sound) => ({
      update: (id, { version, now }, changes) =>
        sound.update(id, { version, now: new Date(now.getTime() - 1) }, changes),
    }),
  },
  {
    mistake: 'update moves the times backwards',
    caughtBy: ['S10'],
    mutate: (sound) => ({
      async update(id, expected, changes) {
        const updated = await sound.update(id, expected, changes)
        const record = await recordOf(sound, id)
        if (updated && record !== undefined) await replace(sound, { ...record, ...changes })
        return updated
      },
    }),
  },
  {
    mistake: 'update replaces the whole record',
    caughtBy: ['S4'],
    mutate: (sound) => ({
      async update(id, expected, changes) {
        const updated = await sound.update(id, expected, changes)
        const { device: _, ...record } = (await recordOf(sound, id)) ?? {}
        if (updated && 'id' in record) await replace(sound, record)
        return updated
      },
    }),
  },
  {
    mistake: 'update leaves the version where it is unless data changes',
    caughtBy: ['S5'],
    mutate: (sound) => ({
      async update(id, expected, changes) {
        const updated = await sound.update(id, expected, changes)
        const record = await recordOf(sound, id)
        if (updated && record !== undefined && changes.data === undefined)
          await replace(sound, { ...record, version: expected.version })
        return updated
      },
    }),
  },
  {
    mistake: 'list goes by the groups at insert',
    caughtBy: ['S11'],
    mutate(sound) {
      const groups = new Map<string, string[]>()
      return {
        insert(record) {
          for (const { group } of record.groups)
            groups.set(group, [...(groups.get(group) ?? []), record.id])
          return sound.insert(record)
        },
        async list(group, now) {
          const ids = groups.get(group) ?? []
          const found = await Promise.all(ids.map((id) => recordOf(sound, id)))
          return found
            .filter((record) => record !== undefined)
            .filter((record) => record.expiresAt > now)
            .map(({ data: _data, secretHash: _hash, ...summary }) => summary)
        },
      }
    },
  },
]

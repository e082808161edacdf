import type { GroupEpoch, SessionRecord, SessionStore } from '@adjourn/core'

/** A store with one mistake, of the kind that stores in the field have. */
export interface Mutant {
  readonly mistake: string
  /** The clauses that are there to catch it. */
  readonly caughtBy: readonly string[]
  mutate(sound: SessionStore): Partial<SessionStore>
}

export const LONG_AGO = new Date(0)

export const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export async function recordOf(
  store: SessionStore,
  id: string,
): Promise<SessionRecord | undefined> {
  const { record } = await store.read(id, [])
  return record
}

export async function epochOf(store: SessionStore, group: string): Promise<GroupEpoch | undefined> {
  const { epochs } = await store.read(undefined, [group])
  return epochs.get(group)
}

export async function replace(store: SessionStore, record: SessionRecord): Promise<void> {
  await store.delete(record.id)
  await store.insert(record)
}

/** A store whose epochs are not what it wrote: `change` sees each revocation, and what stood before. */
export function withEpochs(
  store: SessionStore,
  change: (
    revocation: Parameters<SessionStore['revoke']>[0],
    previous: GroupEpoch | undefined,
  ) => GroupEpoch,
): Partial<SessionStore> {
  const epochs = new Map<string, GroupEpoch>()
  return {
    async read(id, groups) {
      const { record } = await store.read(id, [])
      const found = groups.flatMap((group) => epochs.get(group) ?? [])
      return { record, epochs: new Map(found.map((epoch) => [epoch.group, epoch])) }
    },
    async revoke(revocation) {
      const next = change(revocation, epochs.get(revocation.group))
      epochs.set(revocation.group, next)
      return next
    },
  }
}

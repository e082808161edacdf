import { describe, expect, it } from 'vitest'
import {
  memoryStore,
  type SessionRecord,
  type SessionStore,
  type Watch,
  type WatchListener,
} from '../src/index.ts'

const NOW = new Date('2060-01-01T00:00:00Z')
const later = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000)

const record = (id: string, fields: Partial<SessionRecord> = {}): SessionRecord => ({
  id,
  secretHash: 'hash',
  groups: [{ group: 'g', epoch: null }],
  data: '{}',
  version: 1,
  createdAt: NOW,
  lastSeenAt: NOW,
  expiresAt: later(3600),
  endsAt: later(3600),
  ...fields,
})

const update = (store: SessionStore, id: string, version: number): Promise<boolean> =>
  store.update(id, { version, now: NOW }, { data: '{"a":1}' })

interface Heard extends Watch {
  readonly heard: string[]
  /** What was heard since it was asked last. */
  next(): string[]
}

function watch(store: SessionStore): Heard {
  const heard: string[] = []
  const listener: WatchListener = {
    deleted: (id) => heard.push(`deleted ${id}`),
    written: (id) => heard.push(`written ${id}`),
    revoked: (group) => heard.push(`revoked ${group}`),
    current: (asOf) => heard.push(`current ${asOf}`),
    lost: () => heard.push('lost'),
  }
  const watching = store.watch?.(listener)
  return { heard, next: () => heard.splice(0), close: async () => watching?.close() }
}

describe('the feed of the memory store', () => {
  it('is complete for good as soon as watch has returned, and says so once', async () => {
    const store = memoryStore()
    const first = watch(store)
    expect(first.heard).toEqual([])
    await Promise.resolve()
    expect(first.heard).toEqual(['current Infinity'])
    const second = watch(store)
    await Promise.resolve()
    expect(second.heard).toEqual(['current Infinity'])
    expect(first.heard).toEqual(['current Infinity'])
  })

  it('tells of a change before the call has returned', async () => {
    const store = memoryStore()
    const { next } = watch(store)
    await Promise.resolve()
    next()
    const calls: [call: () => Promise<unknown>, told: string[]][] = [
      [() => store.insert(record('a')), ['written a']],
      [() => store.insert(record('a')), []],
      [() => update(store, 'a', 1), ['written a']],
      [() => update(store, 'a', 1), []],
      [() => store.touch([{ id: 'a', lastSeenAt: later(1), expiresAt: later(3600) }], NOW), []],
      [() => store.delete('a', { lastSeenAt: NOW }), []],
      [() => store.delete('a'), ['deleted a']],
      [() => store.delete('a'), []],
      [() => store.insert(record('b')), ['written b']],
      [() => store.revoke({ group: 'g', now: NOW, expiresAt: later(9000) }), ['revoked g']],
      [
        () => store.purge({ group: 'g', epoch: 1, keep: [], expiresAt: later(9000) }),
        ['deleted b'],
      ],
    ]
    for (const [call, told] of calls) {
      const called = call()
      expect(next()).toEqual(told)
      await called
    }
    expect(next()).toEqual([])
  })

  it('tells of no revocation that was not written', async () => {
    const store = memoryStore()
    const { next } = watch(store)
    const revoke = (id: string): Promise<unknown> => {
      const except = { id, epoch: null, required: true }
      return store.revoke({ group: 'g', now: NOW, expiresAt: later(9000), except })
    }
    await revoke('a')
    next()
    await revoke('b')
    expect(next()).toEqual([])
    await revoke('a')
    expect(next()).toEqual(['revoked g'])
  })

  it('tells of what is dropped: the least recently seen, and what has expired', async () => {
    const store = memoryStore({ maxSessions: 2 })
    const { next } = watch(store)
    await store.insert(record('a'))
    await store.insert(record('b', { endsAt: later(9000) }))
    next()
    await store.touch([{ id: 'b', lastSeenAt: NOW, expiresAt: later(9000) }], NOW)
    await store.insert(record('c'))
    expect(next()).toEqual(['deleted a', 'written c'])
    await store.insert(record('d', { lastSeenAt: later(9000), expiresAt: later(9999) }))
    expect(next()).toEqual(['deleted b', 'deleted c', 'written d'])
  })

  it('tells everybody, whatever one of them throws', async () => {
    const store = memoryStore()
    const first = watch(store)
    const fail = (): never => {
      throw new Error('A listener fails')
    }
    store.watch?.({ deleted: fail, written: fail, revoked: fail, current: fail, lost: fail })
    const last = watch(store)
    await Promise.resolve()
    expect(await store.insert(record('a'))).toBe(true)
    expect(await store.delete('a')).toBe(true)
    const revoked = await store.revoke({ group: 'g', now: NOW, expiresAt: later(9000) })
    expect(revoked.epoch).toBe(NOW.getTime())
    const all = ['current Infinity', 'written a', 'deleted a', 'revoked g']
    expect([first.heard, last.heard]).toEqual([all, all])
    await store.close?.()
    expect(first.heard.slice(all.length)).toEqual(['lost'])
  })

  it('ends for one who closes it, even before its first word', async () => {
    const store = memoryStore()
    const [stays, leaves] = [watch(store), watch(store)]
    await leaves.close()
    await leaves.close()
    await store.insert(record('a'))
    expect(leaves.heard).toEqual([])
    expect(stays.heard).toEqual(['current Infinity', 'written a'])
  })

  it('is two feeds to one who listens twice', async () => {
    const store = memoryStore()
    const heard: string[] = []
    const silent = (): void => {}
    const listener = {
      deleted: silent,
      written: (id: string) => heard.push(id),
      revoked: silent,
      current: silent,
      lost: silent,
    }
    const first = store.watch?.(listener)
    store.watch?.(listener)
    await store.insert(record('a'))
    await first?.close()
    await store.insert(record('b'))
    expect(heard).toEqual(['a', 'a', 'b'])
  })

  it('tells once it is so', async () => {
    const store = memoryStore({ maxSessions: 1 })
    const reads: ReturnType<SessionStore['read']>[] = []
    const look = (id: string): void => void reads.push(store.read(id, ['g']))
    const silent = (): void => {}
    store.watch?.({
      deleted: look,
      written: look,
      revoked: () => look('b'),
      current: silent,
      lost: silent,
    })
    await store.insert(record('a'))
    await store.insert(record('b'))
    await store.revoke({ group: 'g', now: NOW, expiresAt: later(9000) })
    await store.delete('b')
    const found = await Promise.all(reads)
    expect(found.map((read) => [read.record?.id, read.epochs.size])).toEqual([
      ['a', 0],
      [undefined, 0],
      ['b', 0],
      ['b', 1],
      [undefined, 1],
    ])
  })

  it('passes over who leaves while another is told', async () => {
    const store = memoryStore()
    const silent = (): void => {}
    const leave: { close?: () => Promise<void> } = {}
    store.watch?.({
      deleted: silent,
      written: () => void leave.close?.(),
      revoked: silent,
      current: silent,
      lost: silent,
    })
    const second = watch(store)
    leave.close = second.close
    await store.insert(record('a'))
    expect(second.heard).not.toContain('written a')
  })

  it('ends with the store: lost is its last word', async () => {
    const store = memoryStore()
    const before = watch(store)
    await store.insert(record('a'))
    before.next()
    await store.close?.()
    await store.close?.()
    expect(before.heard).toEqual(['lost'])
    const after = watch(store)
    await Promise.resolve()
    await after.close()
    expect(after.heard).toEqual([])
  })
})

describe('what the memory store keeps', () => {
  const revoke = (
    store: SessionStore,
    group: string,
    at: number,
    until: number,
  ): Promise<unknown> => store.revoke({ group, now: later(at), expiresAt: later(until) })
  const epochsIn = async (store: SessionStore): Promise<string[]> => {
    const { epochs } = await store.read(undefined, ['a', 'b', 'c'])
    return [...epochs.keys()]
  }

  it.each([[0], [-1], [1.5], ['5'], [10_000_001], [Infinity], [null]])(
    'is not bounded by %j',
    (maxSessions) => {
      expect(() => memoryStore({ maxSessions } as never)).toThrow(
        expect.objectContaining({
          code: 'ERR_CONFIG',
          message: expect.stringContaining('from 1 to 10000000') as unknown,
        }),
      )
    },
  )

  it('are no epochs that have expired, in whatever order their groups were revoked', async () => {
    const store = memoryStore()
    await revoke(store, 'a', 0, 100)
    await revoke(store, 'b', 0, 200)
    await revoke(store, 'a', 1, 300)
    expect(await epochsIn(store)).toEqual(['a', 'b'])
    await store.insert(record('s', { lastSeenAt: later(199) }))
    expect(await epochsIn(store)).toEqual(['a', 'b'])
    await store.insert(record('t', { lastSeenAt: later(200) }))
    expect(await epochsIn(store)).toEqual(['a'])
    await revoke(store, 'c', 300, 900)
    expect(await epochsIn(store)).toEqual(['c'])
  })

  it('are no records that had expired when somebody was revoked', async () => {
    const store = memoryStore()
    await store.insert(record('s'))
    const { next } = watch(store)
    await Promise.resolve()
    next()
    await revoke(store, 'a', 3600, 9000)
    expect(next()).toEqual(['deleted s', 'revoked a'])
  })
})

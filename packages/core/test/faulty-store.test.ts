import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  memoryStore,
  type SessionRecord,
  type SessionStore,
  type WatchListener,
} from '../src/index.ts'
import { faultyStore, type FaultyStore } from '../src/testing/index.ts'

const HOUR = 3_600_000
const NOW = new Date('2060-01-01T00:00:00Z')
const RECORD: SessionRecord = {
  id: 'a',
  secretHash: 'hash',
  groups: [],
  data: '{}',
  version: 1,
  createdAt: NOW,
  lastSeenAt: NOW,
  expiresAt: new Date(NOW.getTime() + HOUR),
  endsAt: new Date(NOW.getTime() + HOUR),
}
const UNAVAILABLE = { name: 'SessionError', code: 'ERR_STORE_UNAVAILABLE' }

async function storeWithRecord(): Promise<FaultyStore> {
  const store = faultyStore(memoryStore())
  await store.insert(RECORD)
  return store
}

const update = (store: FaultyStore, data: string, version = 1): Promise<boolean> =>
  store.update('a', { version, now: NOW }, { data })

const dataOf = async (store: FaultyStore): Promise<string | undefined> =>
  (await store.read('a', [])).record?.data

it('passes every call on', async () => {
  const store = await storeWithRecord()
  const epoch = { group: 'g', epoch: NOW.getTime(), keep: [], expiresAt: NOW }
  expect(await update(store, '{"a":1}')).toBe(true)
  await store.touch([{ id: 'a', lastSeenAt: NOW, expiresAt: NOW }], NOW)
  expect(await store.list('g', NOW)).toEqual([])
  expect(await store.revoke({ group: 'g', now: NOW, expiresAt: NOW })).toEqual(epoch)
  expect(await store.purge(epoch)).toBe(0)
  expect(await store.delete('a', { lastSeenAt: NOW })).toBe(true)
  expect((await store.read('a', ['g'])).record).toBeUndefined()
  await store.close?.()
  await expect(store.read('a', [])).rejects.toMatchObject(UNAVAILABLE)
  expect(store.calls.map(({ operation }) => operation)).toEqual([
    'insert',
    'update',
    'touch',
    'list',
    'revoke',
    'purge',
    'delete',
    'read',
    'close',
    'read',
  ])
})

it('loses a request: the caller sees an error and nothing is written', async () => {
  const store = await storeWithRecord()
  store.fail('update', { times: 2 })
  await expect(update(store, '{"a":1}')).rejects.toMatchObject(UNAVAILABLE)
  await expect(update(store, '{"a":2}')).rejects.toMatchObject(UNAVAILABLE)
  expect(await dataOf(store)).toBe('{}')
  expect(await update(store, '{"a":3}')).toBe(true)
  expect(await dataOf(store)).toBe('{"a":3}')
})

it('loses an answer: the caller sees an error and it is written', async () => {
  const store = await storeWithRecord()
  store.fail('update', { times: 1, when: 'after' })
  await expect(update(store, '{"a":1}')).rejects.toMatchObject(UNAVAILABLE)
  expect(await dataOf(store)).toBe('{"a":1}')
  expect(await update(store, '{"a":2}', 2)).toBe(true)
})

it('fails every operation with the error given, until it is restored', async () => {
  const store = await storeWithRecord()
  const error = new Error('ECONNREFUSED')
  store.fail('all', { error })
  await expect(store.read('a', [])).rejects.toBe(error)
  await expect(store.delete('a')).rejects.toBe(error)
  await expect(store.close?.()).rejects.toBe(error)
  store.restore()
  expect(await store.delete('a')).toBe(true)
})

it('logs the calls, and whether the store underneath has done them', async () => {
  const store = await storeWithRecord()
  store.fail('delete', { times: 1 })
  store.fail('delete', { times: 1, when: 'after' })
  await expect(store.delete('a')).rejects.toThrow('delete')
  await expect(store.delete('a')).rejects.toThrow('delete')
  expect(store.calls.slice(1)).toEqual([
    { operation: 'delete', args: ['a'], done: false },
    { operation: 'delete', args: ['a'], done: true },
  ])
})

it('stops a call before the store underneath, until it is released', async () => {
  const store = await storeWithRecord()
  store.pause('update')
  const first = update(store, '{"a":1}')
  await store.reached('update')
  expect(await update(store, '{"a":2}'), 'only the next call stops').toBe(true)
  store.release('update')
  expect(await first, 'the second was quicker').toBe(false)
  expect(await dataOf(store)).toBe('{"a":2}')
})

it('stops a call after the store underneath has answered', async () => {
  const store = await storeWithRecord()
  store.pause('delete', { when: 'after' })
  let answered = false
  const deleted = store.delete('a').finally(() => (answered = true))
  await store.reached('delete')
  expect(await dataOf(store)).toBeUndefined()
  expect(answered).toBe(false)
  store.release()
  expect(await deleted).toBe(true)
})

it('waits for several calls, and releases them one by one in their order', async () => {
  const store = await storeWithRecord()
  store.pause('update', { times: Infinity })
  const [first, second] = [update(store, '{"a":1}'), update(store, '{"a":2}')]
  await store.reached('update', 2)
  store.release('read')
  store.release('update', 1)
  expect(await first).toBe(true)
  expect(store.calls.map(({ done }) => done)).toEqual([true, true, false])
  store.restore()
  expect(await second).toBe(false)
  expect(await update(store, '{"a":3}', 2), 'the pause is taken back').toBe(true)
})

it('stops a call first and fails it then', async () => {
  const store = await storeWithRecord()
  store.fail('update', { times: 1 })
  store.pause('update')
  const updated = update(store, '{"a":1}')
  await store.reached('update')
  store.release()
  await expect(updated).rejects.toMatchObject(UNAVAILABLE)
})

it('reached waits until so many stand still', async () => {
  const store = await storeWithRecord()
  store.pause('read', { times: 2 })
  let both = false
  const reached = store.reached('read', 2).then(() => (both = true))
  const reads = [store.read('a', [])]
  await store.reached('read')
  expect(both).toBe(false)
  reads.push(store.read('a', []))
  await reached
  expect(both).toBe(true)
  store.release()
  expect(await Promise.all(reads)).toHaveLength(2)
})

describe('the feed', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  const group = { group: 'g', now: NOW, expiresAt: NOW }

  /** Who watches; `current` is noted where it is new. */
  async function watch(store: FaultyStore): Promise<{
    readonly heard: string[]
    /** The last reading that was heard. */
    readonly asOf: () => number
    close(): Promise<void>
  }> {
    const heard: string[] = []
    let asOf = -Infinity
    const watching = store.watch?.({
      deleted: (id) => heard.push(`deleted ${id}`),
      written: (id) => heard.push(`written ${id}`),
      revoked: (of) => heard.push(`revoked ${of}`),
      current(now) {
        asOf = now
        if (heard.at(-1) !== 'current') heard.push('current')
      },
      lost: () => heard.push('lost'),
    })
    await Promise.resolve()
    return { heard, asOf: () => asOf, close: async () => watching?.close() }
  }

  it('is there where the store underneath has one', async () => {
    const inner = memoryStore()
    expect('watch' in faultyStore({ ...methods(inner) })).toBe(false)
    const store = faultyStore(inner)
    const { heard, close } = await watch(store)
    await store.insert(RECORD)
    await store.revoke(group)
    await store.delete('a')
    expect(heard).toEqual(['current', 'written a', 'revoked g', 'deleted a'])
    await close()
    await store.insert(RECORD)
    expect(heard.at(-1)).toBe('deleted a')
    expect(store.calls[0]).toMatchObject({ operation: 'watch', done: true })
  })

  it('says again and again, of now, that it is complete', async () => {
    const store = faultyStore(memoryStore())
    const { asOf, close } = await watch(store)
    expect(asOf()).toBe(performance.now())
    vi.advanceTimersByTime(1000)
    expect(asOf()).toBe(performance.now())
    await close()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is lost, for one and for all, and comes back without what it missed', async () => {
    for (const operation of ['watch', 'all'] as const) {
      const inner = memoryStore()
      const store = faultyStore(inner)
      const [first, second] = [await watch(store), await watch(store)]
      store.fail(operation)
      store.fail(operation)
      const late = await watch(store)
      await inner.insert(RECORD)
      vi.advanceTimersByTime(1000)
      expect([first.heard, second.heard, late.heard]).toEqual([
        ['current', 'lost'],
        ['current', 'lost'],
        [],
      ])
      store.restore()
      const back = performance.now()
      await store.delete('a')
      expect(first.heard).toEqual(['current', 'lost', 'current', 'deleted a'])
      expect(late.heard).toEqual(['current', 'deleted a'])
      expect(first.asOf()).toBe(back)
    }
  })

  it('outlives calls that fail', async () => {
    const store = faultyStore(memoryStore())
    const { heard } = await watch(store)
    store.fail('all', { times: 1 })
    store.fail('delete')
    await expect(store.insert(RECORD)).rejects.toMatchObject(UNAVAILABLE)
    await store.insert(RECORD)
    store.restore()
    expect(heard).toEqual(['current', 'written a'])
  })

  it('hangs, and then tells all there was, in order', async () => {
    const store = faultyStore(memoryStore())
    const { heard, asOf } = await watch(store)
    const before = asOf()
    store.pause('watch')
    const late = await watch(store)
    await store.insert(RECORD)
    vi.advanceTimersByTime(250)
    await store.reached('watch', 5)
    store.release('delete')
    expect([heard, asOf(), late.heard]).toEqual([['current'], before, []])
    await store.delete('a')
    store.release('watch')
    expect(heard).toEqual(['current', 'written a', 'current', 'deleted a'])
    expect(late.heard).toEqual(['current', 'written a', 'current', 'deleted a'])
    await store.revoke(group)
    expect(heard.at(-1)).toBe('revoked g')
  })

  it('goes on word by word while it hangs, and is lost after what it held back', async () => {
    const store = faultyStore(memoryStore())
    const { heard } = await watch(store)
    store.pause('watch')
    await store.insert(RECORD)
    await store.delete('a')
    store.fail('watch')
    await store.revoke(group)
    store.release('watch', 1)
    expect(heard).toEqual(['current', 'written a'])
    store.restore()
    expect(heard).toEqual(['current', 'written a', 'deleted a', 'lost', 'current'])
    store.pause('watch')
    await store.insert(RECORD)
    store.release('watch', 1)
    await store.delete('a')
    expect(heard.at(-1)).toBe('written a')
    store.release()
    expect(heard.at(-1)).toBe('deleted a')
  })

  it('holds nothing back for one who has closed it', async () => {
    const store = faultyStore(memoryStore())
    const { heard, close } = await watch(store)
    store.pause('watch')
    await store.insert(RECORD)
    await close()
    store.release()
    expect(heard).toEqual(['current'])
  })

  it('passes on what the store underneath says of its own feed', async () => {
    const inner = memoryStore()
    const listeners: WatchListener[] = []
    const closed = vi.fn()
    const store = faultyStore({
      ...methods(inner),
      watch: (listener) => {
        listeners.push(listener)
        return { close: async () => void closed() }
      },
    })
    const { heard, asOf, close } = await watch(store)
    listeners[0]?.current(7)
    expect([heard, asOf()]).toEqual([['current'], 7])
    vi.advanceTimersByTime(1000)
    listeners[0]?.lost()
    listeners[0]?.current(Infinity)
    expect(asOf()).toBe(performance.now())
    listeners[0]?.lost()
    const last = asOf()
    store.fail('watch')
    vi.advanceTimersByTime(1000)
    store.restore()
    vi.advanceTimersByTime(1000)
    expect(asOf(), 'it is not back yet').toBe(last)
    await close()
    expect(closed).toHaveBeenCalledOnce()
  })
})

/** A store without a feed. */
function methods(store: SessionStore): SessionStore {
  const { calls: _calls, watch: _watch, ...rest } = faultyStore(store)
  return rest
}

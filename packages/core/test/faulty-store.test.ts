import { expect, it } from 'vitest'
import { memoryStore, type SessionRecord } from '../src/index.ts'
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

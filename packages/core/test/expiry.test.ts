import { describe, expect, it } from 'vitest'
import { createExpire } from '../src/expiry.ts'
import type { SessionEvent, SessionRecord } from '../src/index.ts'
import { memoryStore } from '../src/index.ts'
import { faultyStore } from '../src/testing/index.ts'

const START = Date.UTC(2030, 0, 1)
const after = (seconds: number): Date => new Date(START + seconds * 1000)

const RECORD: SessionRecord = {
  id: 'a',
  secretHash: 'h',
  groups: [{ group: 'everyone', epoch: null }],
  data: '{}',
  version: 1,
  createdAt: after(0),
  lastSeenAt: after(0),
  expiresAt: after(60),
  endsAt: after(1000),
}

function expiry(absoluteTimeout = 1000) {
  const store = faultyStore(memoryStore())
  const events: SessionEvent[] = []
  const now = (): Date => after(2000)
  const emit = (event: SessionEvent): void => void events.push(event)
  return { store, events, expire: createExpire(store, absoluteTimeout, { now, emit }) }
}

describe('a record found expired', () => {
  it('is deleted, and its end is reported once, however many meet it', async () => {
    const { store, events, expire } = expiry()
    const record = { ...RECORD, userId: 'ann' }
    await store.insert(record)
    const answers = await Promise.all([expire(record), expire(record), expire(record)])
    expect(answers).toEqual([true, false, false])
    expect((await store.read('a', [])).record).toBeUndefined()
    const [at, sessionId, userId] = [after(2000), 'a', 'ann']
    expect(events).toEqual([{ type: 'ended', reason: 'idle', at, sessionId, userId }])
  })

  it.each([
    ['idle', RECORD, 1000],
    ['absolute', { ...RECORD, expiresAt: after(1000) }, 1000],
    ["absolute: today's is shorter", RECORD, 30],
  ])('ended for the timeout that ran out first: %s', async (reason, record, absoluteTimeout) => {
    const { store, events, expire } = expiry(absoluteTimeout)
    await store.insert(record)
    expect(await expire(record)).toBe(true)
    expect(events).toMatchObject([{ reason: reason.replace(/:.*/, '') }])
    expect(events[0]).not.toHaveProperty('userId')
  })

  it('is left alone if it has been seen since it was read', async () => {
    const { store, events, expire } = expiry()
    await store.insert(RECORD)
    const touch = { id: 'a', lastSeenAt: after(59), expiresAt: after(119) }
    await store.touch([touch], after(59))
    expect(await expire(RECORD)).toBe(false)
    expect((await store.read('a', [])).record).toMatchObject({ lastSeenAt: after(59) })
    expect(events).toEqual([])
  })

  it('is over all the same where the store does not delete it; nothing is reported yet', async () => {
    const { store, events, expire } = expiry()
    await store.insert(RECORD)
    store.fail('delete')
    expect(await expire(RECORD)).toBe(true)
    expect(events).toEqual([])
    store.restore()
    expect(await expire(RECORD)).toBe(true)
    expect(events).toHaveLength(1)
  })
})

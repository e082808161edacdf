import { describe, expect, it, vi } from 'vitest'
import { memoryStore } from '../src/memory-store.ts'
import { sendTouch } from '../src/state.ts'
import type { SessionStore, Touch } from '../src/store.ts'
import { createTouchQueue } from '../src/touch-queue.ts'

const NOW = new Date('2060-01-01T00:00:00.000Z')

const touchOf = (id: string): Touch => ({ id, lastSeenAt: NOW, expiresAt: NOW })

/** A store that notes the ids of each batch, and whose first batch never ends. */
function droppingStore(): { store: SessionStore; batches: string[][] } {
  const batches: string[][] = []
  const store = Object.assign(memoryStore(), {
    touch(touches: readonly Touch[]): Promise<void> {
      batches.push(touches.map(({ id }) => id))
      return batches.length === 1 ? new Promise<void>(() => {}) : Promise.resolve()
    },
  })
  return { store, batches }
}

describe('a batch that its runtime has dropped', () => {
  it('keeps the next ones waiting for ten seconds, and no longer', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const { store, batches } = droppingStore()
    const queue = createTouchQueue(store, () => NOW)
    queue.add(touchOf('a'))
    await Promise.resolve()
    expect(batches).toEqual([['a']])
    queue.add(touchOf('b'))
    vi.advanceTimersByTime(10_000)
    queue.add(touchOf('c'))
    await Promise.resolve()
    expect(batches).toEqual([['a']])
    vi.advanceTimersByTime(1)
    queue.add(touchOf('d'))
    await queue.close()
    expect(batches).toEqual([['a'], ['b', 'c', 'd']])
    vi.useRealTimers()
  })
})

describe('where a request’s work ends with it', () => {
  it('sends each touch by itself, and hands it to the runtime', async () => {
    const { store, batches } = droppingStore()
    const kept: Promise<void>[] = []
    const queue = createTouchQueue(store, () => NOW)
    for (const id of ['a', 'b']) queue.add(touchOf(id), (work) => kept.push(work))
    expect(batches).toEqual([['a'], ['b']])
    await kept[1]
    expect(kept).toHaveLength(2)
  })

  it('sends it where there is nothing to hand it to, and fails nothing', async () => {
    const { store, batches } = droppingStore()
    const queue = createTouchQueue(store, () => NOW)
    const isSent = queue.add(touchOf('a'), () => {
      throw new TypeError('ctx is undefined')
    })
    expect([isSent, batches]).toEqual([true, [['a']]])
  })

  it('never rejects', async () => {
    const failing = Object.assign(memoryStore(), {
      touch: () => Promise.reject(new Error('out of reach')),
    })
    const kept: Promise<void>[] = []
    createTouchQueue(failing, () => NOW).add(touchOf('a'), (work) => kept.push(work))
    await expect(Promise.all(kept)).resolves.toEqual([undefined])
  })
})

describe('a touch that is due', () => {
  const touch = touchOf('i')
  const send = (isSent: boolean, waitUntil?: (work: Promise<void>) => void): unknown[] => {
    const done: unknown[] = []
    const engine = {
      touches: {
        add: (given: unknown, wait: ((work: unknown) => void) | undefined) => {
          done.push(given)
          wait?.('work')
          return isSent
        },
      },
      cache: { seen: (record: unknown) => done.push(record) },
    }
    sendTouch(engine as never, { kind: 'live', record: 'record' as never, touch }, {
      waitUntil,
    } as never)
    return done
  }

  it('that is sent moves what the cache says too, and one that is not does not', () => {
    expect(send(true)).toEqual([touch, 'record'])
    expect(send(false)).toEqual([touch])
  })

  it('is kept alive by what the runtime has for that', () => {
    const kept: unknown[] = []
    expect(send(true, (work) => kept.push(work))).toEqual([touch, 'record'])
    expect(kept).toEqual(['work'])
  })
})

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createFeed, type Feed, type FeedListener } from '../src/feed.ts'
import { createSessions, memoryStore } from '../src/index.ts'
import { SECRET } from './support/browser.ts'
import { handFed, stopTime, unwatched } from './support/feeds.ts'

beforeEach(() => stopTime())
afterEach(() => void vi.useRealTimers())

function listening(feed: Feed): string[] {
  const heard: string[] = []
  const listener: FeedListener = {
    deleted: (id) => heard.push(`deleted ${id}`),
    written: (id) => heard.push(`written ${id}`),
    revoked: (group) => heard.push(`revoked ${group}`),
    live: () => heard.push(`live ${feed.isCurrent ? 'and current' : 'and behind'}`),
  }
  feed.add(listener)
  return heard
}

function fed(): ReturnType<typeof handFed> & { feed: Feed; heard: string[] } {
  const hand = handFed()
  const feed = createFeed(hand.store)
  const heard = listening(feed)
  feed.start()
  return { ...hand, feed, heard }
}

describe('the feed', () => {
  it('is begun when it is first needed, and once', () => {
    const { store, watches } = handFed()
    const feed = createFeed(store)
    expect(watches.begun).toBe(0)
    feed.start()
    feed.start()
    expect(watches.begun).toBe(1)
  })

  it('is not begun by sessions that nobody watches and no cache needs', async () => {
    const { store, watches } = handFed()
    const sessions = createSessions({ secrets: SECRET, store })
    await sessions.revokeAll('ann')
    expect(watches.begun).toBe(0)
    await sessions.close()
    expect(watches.closed).toBe(0)
  })

  it('is never current where the store has none', () => {
    const feed = createFeed(unwatched())
    feed.start()
    expect(feed.isCurrent).toBe(false)
  })

  it('is current for less than 1000 ms after what it has told', () => {
    const { feed, say } = fed()
    expect(feed.isCurrent).toBe(false)
    say.current(performance.now())
    expect(feed.isCurrent).toBe(true)
    vi.advanceTimersByTime(999)
    expect(feed.isCurrent).toBe(true)
    vi.advanceTimersByTime(1)
    expect(feed.isCurrent).toBe(false)
  })

  it('goes by how far it has told, not by when it has said so', () => {
    const { feed, say } = fed()
    const asOf = performance.now()
    vi.advanceTimersByTime(600)
    say.current(asOf)
    vi.advanceTimersByTime(399)
    expect(feed.isCurrent).toBe(true)
    vi.advanceTimersByTime(1)
    expect(feed.isCurrent).toBe(false)
    say.current(asOf)
    say.current(NaN)
    expect(feed.isCurrent).toBe(false)
  })

  it('is current for good with a store that tells before it answers', () => {
    const { feed, say } = fed()
    say.current(Infinity)
    vi.advanceTimersByTime(3_600_000)
    expect(feed.isCurrent).toBe(true)
    say.lost()
    expect(feed.isCurrent).toBe(false)
  })

  it('is not current from `lost` to the next `current`', () => {
    const { feed, say } = fed()
    say.current(performance.now())
    say.lost()
    expect(feed.isCurrent).toBe(false)
    say.written('a')
    expect(feed.isCurrent).toBe(false)
    say.current(performance.now())
    expect(feed.isCurrent).toBe(true)
  })

  it('says that it is live after each gap, and only then', () => {
    const { say, heard } = fed()
    const current = (): void => say.current(performance.now())
    current()
    vi.advanceTimersByTime(250)
    current()
    vi.advanceTimersByTime(999)
    current()
    expect(heard).toEqual(['live and current'])
    say.lost()
    current()
    expect(heard).toHaveLength(2)
    vi.advanceTimersByTime(1000)
    current()
    current()
    expect(heard).toHaveLength(3)
  })

  it('has all that it held back looked at again, as far behind as it may be', () => {
    const { say, heard, feed } = fed()
    say.current(performance.now())
    const [late, later] = [performance.now(), performance.now() + 1500]
    vi.advanceTimersByTime(2000)
    say.revoked('g')
    say.current(late)
    expect(feed.isCurrent).toBe(false)
    say.current(later)
    expect(heard).toEqual(['live and current', 'revoked g', 'live and behind', 'live and current'])
  })

  it('passes on what the store tells and what this node tells of itself, to everybody', () => {
    const { feed, say, heard } = fed()
    const other = listening(feed)
    for (const { deleted, written, revoked } of [say, feed.tell]) {
      deleted('a')
      written('b')
      revoked('g')
    }
    const once = ['deleted a', 'written b', 'revoked g']
    expect([heard, other]).toEqual([
      [...once, ...once],
      [...once, ...once],
    ])
  })

  it('ends with close: not begun again, and never current whatever is still said', async () => {
    const { feed, say, heard, watches } = fed()
    say.current(performance.now())
    await feed.close()
    expect([watches.closed, feed.isCurrent]).toEqual([1, false])
    say.current(performance.now())
    feed.start()
    expect([watches.begun, feed.isCurrent]).toEqual([1, false])
    expect(heard).toEqual(['live and current'])
    const unused = handFed()
    const late = createFeed(unused.store)
    await late.close()
    late.start()
    expect(unused.watches.begun).toBe(0)
  })

  it('does without a store that was closed first', async () => {
    const store = memoryStore()
    await store.close?.()
    const feed = createFeed(store)
    feed.start()
    await Promise.resolve()
    expect(feed.isCurrent).toBe(false)
    await feed.close()
  })
})

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createFeed, type Feed } from '../src/feed.ts'
import { memoryStore, type SessionRecord, type StoreRead } from '../src/index.ts'
import { createReadCache, type ReadCache } from '../src/read-cache.ts'
import { world, type Browser } from './support/browser.ts'
import { at, count, handFed, settled, stopTime, twoNodes } from './support/feeds.ts'

beforeEach(() => stopTime())
afterEach(() => void vi.useRealTimers())

const cache = { max: 1000, maxAge: 3600 }

type Node = ReturnType<typeof twoNodes>['here']

const cached = (): ReturnType<typeof twoNodes> => twoNodes({ cache })

async function signedIn({ browser }: Node): Promise<{ ann: Browser; id: string }> {
  const ann = browser()
  return { ann, id: await ann.login('ann') }
}

/** Puts a session into a node's cache, and proves that it is there. */
async function warm(node: Node, browser: Browser): Promise<void> {
  for (let visits = 0; visits < 2; visits++) {
    await at(node, browser).whoami()
    await settled()
  }
  expect(await isHit(node, browser)).toBe(true)
}

async function isHit(node: Node, browser: Browser): Promise<boolean> {
  const before = count(node.store, 'read')
  await at(node, browser).whoami()
  return count(node.store, 'read') === before
}

const who = (node: Node, browser: Browser): Promise<string | undefined> =>
  at(node, browser).whoami()

describe('the bound of the read cache', () => {
  it.each([
    ['a revocation', (node: Node) => node.sessions.revokeAll('ann')],
    ['an end', (node: Node, _id: string, ann: Browser) => at(node, ann).visit((s) => s.end())],
    ['a destroy', (node: Node, id: string) => node.sessions.destroy(id)],
    [
      'a rotation',
      (node: Node, _id: string, ann: Browser) => at(node, ann).visit((s) => s.rotate()),
    ],
  ])('%s on another node holds from 1000 ms on, though the feed hangs', async (_, end) => {
    const { here, there } = cached()
    const { ann, id } = await signedIn(here)
    await warm(there, ann)
    // The feed has last said how far it is at this instant.
    vi.advanceTimersByTime(250)
    there.store.pause('watch')
    await end(here, id, ann)
    vi.advanceTimersByTime(999)
    expect(await who(there, ann), 'at 999 ms').toBe('ann')
    vi.advanceTimersByTime(1)
    expect(await who(there, ann), 'at 1000 ms').toBeUndefined()
    vi.advanceTimersByTime(1)
    expect(await who(there, ann), 'at 1001 ms').toBeUndefined()
    there.store.release()
    await settled()
    expect(await who(there, ann)).toBeUndefined()
  })

  it('refuses at once what the feed tells when it goes on', async () => {
    const { here, there } = cached()
    const { ann } = await signedIn(here)
    await warm(there, ann)
    there.store.pause('watch')
    await here.sessions.revokeAll('ann')
    expect(await who(there, ann)).toBe('ann')
    there.store.release()
    expect(await who(there, ann)).toBeUndefined()
  })

  it('reads the store while the feed is lost, and caches anew once it is back', async () => {
    const { here, there } = cached()
    const [{ ann }, { ann: other, id }] = [await signedIn(here), await signedIn(here)]
    await warm(there, ann)
    await warm(there, other)
    there.store.fail('watch')
    expect([await isHit(there, ann), await isHit(there, ann)]).toEqual([false, false])
    await here.sessions.destroy(id)
    expect(await who(there, other)).toBeUndefined()
    there.store.restore()
    expect(await isHit(there, ann), 'whatever was cached before or during the gap').toBe(false)
    expect(await isHit(there, ann)).toBe(true)
    expect(await who(there, other)).toBeUndefined()
  })

  it('forgets what it had before a gap, and what it read in it', async () => {
    const { store, say } = handFed()
    const node = { ...world({ store, cache }), store }
    const { ann } = await signedIn(node)
    await who(node, ann)
    say.current(performance.now())
    await warm(node, ann)
    for (const gap of [() => say.lost(), () => vi.advanceTimersByTime(1000)]) {
      gap()
      expect(await isHit(node, ann)).toBe(false)
      say.current(performance.now())
      expect(await isHit(node, ann)).toBe(false)
      expect(await isHit(node, ann)).toBe(true)
    }
  })

  it('answers on through an outage that the feed survives, and never beyond the bound', async () => {
    const { here } = cached()
    const { ann } = await signedIn(here)
    await warm(here, ann)
    here.store.fail('read')
    expect(await who(here, ann)).toBe('ann')
    here.store.pause('watch')
    vi.advanceTimersByTime(1000)
    const unavailable = { code: 'ERR_STORE_UNAVAILABLE', status: 503 }
    await expect(who(here, ann)).rejects.toMatchObject(unavailable)
    here.store.release()
    here.store.fail('all')
    await expect(who(here, ann)).rejects.toMatchObject(unavailable)
    here.store.restore()
    expect(await who(here, ann)).toBe('ann')
  })

  it('reads the store once the sessions are closed', async () => {
    const { here, there } = cached()
    const { ann } = await signedIn(here)
    await warm(there, ann)
    await there.sessions.close()
    expect(await isHit(there, ann)).toBe(false)
    await here.sessions.revokeAll('ann')
    expect(await who(there, ann)).toBeUndefined()
  })
})

/** A node that is reading a session, whose read has seen what was there before `meanwhile`. */
async function reading(meanwhile: (here: Node, id: string, ann: Browser) => Promise<unknown>) {
  const { here, there } = cached()
  const { ann, id } = await signedIn(here)
  // The feed is live.
  await who(there, there.browser())
  await warm(there, (await signedIn(here)).ann)
  there.store.pause('read', { when: 'after' })
  const loading = who(there, ann)
  await there.store.reached('read')
  const old = at(there, ann)
  await meanwhile(here, id, ann)
  there.store.release('read')
  await loading
  return { here, there, old }
}

describe('a read in flight', () => {
  it.each([
    ['a revocation', (here: Node) => here.sessions.revokeAll('ann')],
    ['a revocation of everyone', (here: Node) => here.sessions.revokeAll({ everyone: true })],
    ['an end', (_here: Node, _id: string, ann: Browser) => ann.visit((s) => s.end())],
    ['a destroy', (here: Node, id: string) => here.sessions.destroy(id)],
    ['a rotation', (_here: Node, _id: string, ann: Browser) => ann.visit((s) => s.rotate())],
  ])('is not cached if %s has overtaken it', async (_, act) => {
    const { there, old } = await reading(act)
    expect(await who(there, old)).toBeUndefined()
  })

  it('is not cached if the feed was lost or hung meanwhile', async () => {
    for (const gap of ['lost', 'hung'] as const) {
      const { store, say } = handFed()
      const node = { ...world({ store, cache }), store }
      const { ann, id } = await signedIn(node)
      await who(node, node.browser())
      await who(node, ann)
      say.current(performance.now())
      store.pause('read', { when: 'after' })
      const loading = who(node, ann)
      await store.reached('read')
      if (gap === 'lost') say.lost()
      else vi.advanceTimersByTime(1000)
      await store.delete(id)
      say.current(performance.now())
      store.release('read')
      expect(await loading).toBe('ann')
      expect(await who(node, ann), gap).toBeUndefined()
    }
  })

  it('is cached if what was told is about others', async () => {
    const { there, old } = await reading(async (here) => {
      const other = here.browser()
      await other.login('bob')
      await here.sessions.revokeAll('bob')
      await here.sessions.revokeAll({ tag: 'org' })
    })
    expect(await isHit(there, old)).toBe(true)
  })

  it('that failed leaves nothing behind', async () => {
    const { here } = cached()
    const { ann } = await signedIn(here)
    await warm(here, ann)
    await ann.visit((session) => session.save())
    here.store.fail('read', { times: 1 })
    await expect(who(here, ann)).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
    expect(await who(here, ann)).toBe('ann')
  })

  it("is not cached without the epochs of all the record's groups", async () => {
    const { here, there } = cached()
    const { ann, id } = await signedIn(here)
    await warm(there, ann)
    const old = at(there, ann)
    await ann.visit((session) => session.rotate({ tags: ['org'] }))
    // The record stays: only the epoch of the tag ends the session.
    here.store.fail('purge')
    await expect(here.sessions.revokeAll({ tag: 'org' })).rejects.toThrow('in effect')
    expect((await here.store.read(id, [])).record).toBeDefined()
    expect(await who(there, ann)).toBeUndefined()
    expect(await who(there, old), 'which reads without the epoch of the tag').toBeUndefined()
    expect(await who(there, ann)).toBeUndefined()
  })
})

const RECORD: SessionRecord = {
  id: 'a',
  secretHash: 'h',
  groups: [],
  data: '{}',
  version: 1,
  createdAt: new Date(0),
  lastSeenAt: new Date(0),
  expiresAt: new Date(1000),
  endsAt: new Date(1000),
}

describe('a revocation, among many that are cached', () => {
  const groupOf = (n: number, round: number): string => `g${(n * round * 7) % 5}`

  /** Which of so many are trusted after one of their groups was revoked, and which should be. */
  async function revokeOne(entries: ReadCache, feed: Feed, round: number): Promise<number[][]> {
    const all = Array.from({ length: 40 }, (_, n) => n)
    for (const n of all) {
      const record = { ...RECORD, id: `${n}`, groups: [{ group: groupOf(n, round), epoch: null }] }
      const read = async (): Promise<StoreRead> => ({ record, epochs: new Map() })
      await entries.through(record.id, [groupOf(n, round)], read)
      if (n % 3 === 0) entries.find(`${n >> 1}`)
    }
    feed.tell.revoked(`g${round % 5}`)
    const kept = all.filter((n) => entries.find(`${n}`) !== undefined)
    return [kept, all.filter((n) => groupOf(n, round) !== `g${round % 5}`)]
  }

  it('stops all members of the group and nobody else, wherever they are', async () => {
    const feed = createFeed(memoryStore())
    const entries = createReadCache(feed, cache, () => 0)
    entries.find('')
    await settled()
    for (let round = 0; round < 50; round++) {
      const [kept, meant] = await revokeOne(entries, feed, round)
      expect(kept).toEqual(meant)
    }
    await feed.close()
  })

  it('stops them also where more groups were revoked than sessions can be kept', async () => {
    const feed = createFeed(memoryStore())
    const entries = createReadCache(feed, { ...cache, max: 3 }, () => 0)
    entries.find('')
    await settled()
    let hits = 0
    for (let round = 0; round < 50; round++) {
      const [kept = [], meant] = await revokeOne(entries, feed, round)
      expect(meant).toEqual(expect.arrayContaining(kept))
      hits += kept.length
    }
    expect(hits).toBeGreaterThan(0)
    await feed.close()
  })

  it('is not forgotten for the ones that follow it', async () => {
    const feed = createFeed(memoryStore())
    const entries = createReadCache(feed, { ...cache, max: 3 }, () => 0)
    entries.find('')
    await settled()
    const record = { ...RECORD, groups: [{ group: 'g', epoch: null }] }
    const found: StoreRead = { record, epochs: new Map() }
    await entries.through('a', ['g'], async () => found)
    expect(entries.find('a')).toBe(found)
    let answer: ((read: StoreRead) => void) | undefined
    const slow = new Promise<StoreRead>((resolve) => {
      answer = resolve
    })
    const inFlight = entries.through('b', ['g'], () => slow)
    for (const group of ['g', 'x', 'y', 'z', 'u', 'v', 'w']) {
      feed.tell.revoked(group)
      expect(entries.find('a')).toBeUndefined()
    }
    answer?.({ ...found, record: { ...record, id: 'b' } })
    await inFlight
    expect(entries.find('b')).toBeUndefined()
    await feed.close()
  })
})

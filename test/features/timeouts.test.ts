import { manualClock } from '@adjourn/core/testing'
import { expect, it } from 'vitest'
import { Browser, onEachAppAndStore, put, touched } from './support.ts'

onEachAppAndStore('timeouts', (world) => {
  it('idle: a session ends exactly idleTimeout after its last request, on every node', async () => {
    const { nodes, clock, record } = world()
    const [here, there] = await nodes({ idleTimeout: 100, touchAfter: 0 })
    const ann = new Browser()
    const id = await ann.login(here, 'ann')
    for (const node of [there, here]) {
      clock.advance(99.999)
      expect(await ann.whoami(node)).toBe('ann')
      await touched(node)
    }
    const expiresAt = new Date(clock.now() + 100_000)
    expect(await record(id)).toMatchObject({ expiresAt })
    clock.advance(100)
    // The database has not removed it, the cookie is still good: the record decides.
    expect(await record(id)).toBeDefined()
    expect(await ann.copy().whoami(there)).toBeUndefined()
    expect(await ann.whoami(here)).toBeUndefined()
  })

  it('absolute: no request, write or rotation moves the end of a session', async () => {
    const { nodes, clock } = world()
    const [here, there] = await nodes({ idleTimeout: 60, absoluteTimeout: 100, touchAfter: 0 })
    const ann = new Browser()
    await ann.login(here, 'ann')
    const ends = new Date(clock.now() + 100_000)
    clock.advance(50)
    await ann.visit(there, put({ n: 1 }))
    await ann.visit(there, (session) => session.reauthenticate())
    clock.advance(49.999)
    await ann.visit(here, (session) => session.rotate())
    expect(await ann.visit(there, (session) => session.expiresAt)).toEqual(ends)
    clock.advance(0.001)
    for (const node of [here, there]) expect(await ann.copy().whoami(node)).toBeUndefined()
  })

  it('absolute: a timeout that was shortened holds for sessions that are older', async () => {
    const { node, clock } = world()
    const before = await node({ idleTimeout: 1000, absoluteTimeout: 1000 })
    const now = await node({ idleTimeout: 1000, absoluteTimeout: 100 })
    const ann = new Browser()
    await ann.login(before, 'ann')
    const ends = new Date(clock.now() + 100_000)
    clock.advance(99.999)
    expect(await ann.visit(now, ({ userId, expiresAt }) => [userId, expiresAt])).toEqual([
      'ann',
      ends,
    ])
    expect(await now.sessions.list('ann')).toEqual([expect.objectContaining({ expiresAt: ends })])
    clock.advance(0.001)
    expect(await now.sessions.list('ann')).toEqual([])
    expect(await ann.whoami(now)).toBeUndefined()
  })

  it('a login starts both timeouts again', async () => {
    const { nodes, clock } = world()
    const [here, there] = await nodes({ idleTimeout: 100, absoluteTimeout: 100, touchAfter: 0 })
    const ann = new Browser()
    await ann.visit(here, (session) => session.create())
    clock.advance(99)
    await ann.login(there, 'ann')
    clock.advance(99.999)
    expect(await ann.whoami(here)).toBe('ann')
  })

  it('lastSeenAt is written once in touchAfter, however many requests there are', async () => {
    const { nodes, clock, count } = world()
    const [here, there] = await nodes({ touchAfter: 60 })
    const ann = new Browser()
    await ann.login(here, 'ann')
    const start = clock.now()
    const seen = (): Promise<Date | undefined> => ann.visit(here, (session) => session.lastSeenAt)
    clock.advance(59.999)
    expect(await seen()).toEqual(new Date(start))
    expect(count('touch')).toBe(0)
    clock.advance(0.001)
    expect(await seen()).toEqual(new Date(start + 60_000))
    await touched(here)
    for (let visits = 0; visits < 5; visits++) await ann.whoami(there)
    expect(count('touch')).toBe(1)
    const [listed] = await there.sessions.list('ann')
    expect(listed?.lastSeenAt).toEqual(new Date(start + 60_000))
  })

  it('touches of many sessions go out in bulk while one write is under way', async () => {
    const { node, clock, store } = world()
    const here = await node({ touchAfter: 60 })
    const browsers = Array.from({ length: 10 }, () => new Browser())
    for (const ann of browsers) await ann.login(here, 'ann')
    clock.advance(60)
    store.pause('touch')
    await browsers[0]?.whoami(here)
    await store.reached('touch')
    await Promise.all(browsers.slice(1).map((ann) => ann.whoami(here)))
    store.release('touch')
    await touched(here)
    const batches = store.calls.filter(({ operation }) => operation === 'touch')
    expect(batches.map(({ args: [touches] }) => (touches as unknown[]).length)).toEqual([1, 9])
    const seen = (await here.sessions.list('ann')).map(({ lastSeenAt }) => lastSeenAt.getTime())
    expect(seen).toEqual(Array.from({ length: 10 }, () => clock.now()))
  })

  it('a touch that fails fails no request, and comes again with the next', async () => {
    const { node, clock, store, record } = world()
    const here = await node({ touchAfter: 60 })
    const ann = new Browser()
    const id = await ann.login(here, 'ann')
    clock.advance(60)
    store.fail('touch', { times: 2 })
    for (let visits = 0; visits < 3; visits++) expect(await ann.whoami(here)).toBe('ann')
    await touched(here)
    expect(await record(id)).toMatchObject({ lastSeenAt: new Date(clock.now()) })
  })

  it('a touch that hangs delays no request', async () => {
    const { node, clock, store } = world()
    const here = await node({ touchAfter: 60 })
    const ann = new Browser()
    await ann.login(here, 'ann')
    clock.advance(60)
    store.pause('touch')
    for (let visits = 0; visits < 3; visits++) expect(await ann.whoami(here)).toBe('ann')
    await store.reached('touch')
    store.release('touch')
  })

  it('a clock that jumps back ends nothing, and takes back nothing', async () => {
    const { node, clock, record } = world()
    const skewed = manualClock(new Date(clock.now() - 7200_000))
    const here = await node({ idleTimeout: 3600, touchAfter: 0 })
    const there = await node({ idleTimeout: 3600, touchAfter: 0, clock: skewed })
    const ann = new Browser()
    const id = await ann.login(here, 'ann')
    const before = await record(id)
    expect(await ann.whoami(there)).toBe('ann')
    await ann.visit(there, put({ n: 1 }))
    await touched(there)
    const { lastSeenAt, expiresAt } = before ?? {}
    expect(await record(id)).toMatchObject({ lastSeenAt, expiresAt, data: '{"n":1}' })
    clock.advance(-7200)
    expect(await ann.whoami(here)).toBe('ann')
    clock.advance(7200 + 3600)
    expect(await ann.whoami(here)).toBeUndefined()
  })
})

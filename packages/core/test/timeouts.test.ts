import { describe, expect, it } from 'vitest'
import { memoryStore, type SessionStore } from '../src/index.ts'
import { faultyStore } from '../src/testing/index.ts'
import { Browser, world } from './support/browser.ts'

const ended = { code: 'ERR_SESSION_ENDED' }

describe('timeouts', () => {
  it('idle: a session ends one millisecond late, not early, and is touched in between', async () => {
    const { browser, advance } = world({ idleTimeout: 100, touchAfter: 10 })
    const ann = browser()
    await ann.login('ann')
    advance(99.999)
    expect(await ann.whoami()).toBe('ann')
    advance(99.999)
    expect(await ann.whoami()).toBe('ann')
    advance(100)
    expect(await ann.whoami()).toBeUndefined()
  })

  it('absolute: no activity extends it', async () => {
    const { browser, advance } = world({ idleTimeout: 60, absoluteTimeout: 100, touchAfter: 0 })
    const ann = browser()
    await ann.login('ann')
    advance(50)
    await ann.visit((session) => session.save())
    advance(49.999)
    await ann.visit((session) => session.rotate())
    expect(await ann.whoami()).toBe('ann')
    advance(0.001)
    expect(await ann.whoami()).toBeUndefined()
  })

  it("absolute: today's counts for sessions that are older than a change", async () => {
    const store = memoryStore()
    const long = world({ store, absoluteTimeout: 1000, idleTimeout: 1000 })
    const ann = long.browser()
    await ann.login('ann')
    const short = world({ store, absoluteTimeout: 100, idleTimeout: 1000 })
    const visitor = new Browser(short.sessions)
    visitor.cookie = ann.cookie
    short.advance(99.999)
    expect(await visitor.whoami()).toBe('ann')
    short.advance(0.001)
    expect(await visitor.whoami()).toBeUndefined()
  })

  it('an expired session cannot be written, touched or rotated back to life', async () => {
    const { browser, advance, sessions } = world({ idleTimeout: 100, touchAfter: 0 })
    const ann = browser()
    await ann.login('ann')
    const writes = [
      await ann.request(),
      await ann.request(),
      await ann.request(),
      await ann.request(),
    ]
    advance(100)
    const calls = [
      () => writes[0]?.session.save(),
      () => writes[1]?.session.update(() => {}),
      () => writes[2]?.session.rotate(),
      () => writes[3]?.session.revokeOthers(),
    ]
    for (const call of calls) await expect(call()).rejects.toMatchObject(ended)
    expect(await ann.whoami()).toBeUndefined()
    expect(await sessions.list('ann')).toEqual([])
  })

  it('a session that another node has seen since this one read it goes on', async () => {
    const store = faultyStore(memoryStore({ maxSessions: 10 }))
    const [here, there] = [world({ store }), world({ store, touchAfter: 0 })]
    const ann = here.browser()
    await ann.login('ann')
    here.advance(3600)
    there.advance(3599)
    store.pause('delete')
    const late = ann.whoami()
    await store.reached('delete')
    const elsewhere = new Browser(there.sessions)
    elsewhere.cookie = ann.cookie
    await elsewhere.whoami()
    await there.sessions.close()
    store.release('delete')
    expect(await late).toBe('ann')
    expect(here.events).toMatchObject([{ type: 'created' }])
  })

  it('touches are throttled, and one batch carries all that are due', async () => {
    const store = memoryStore()
    const batches: number[] = []
    const touch = store.touch.bind(store)
    store.touch = async (touches, now) => {
      batches.push(touches.length)
      return touch(touches, now)
    }
    const { browser, sessions, advance } = world({ store, touchAfter: 60 })
    const browsers = Array.from({ length: 10 }, browser)
    for (const ann of browsers) await ann.login('ann')
    advance(59)
    await Promise.all(browsers.map((ann) => ann.whoami()))
    expect(batches).toEqual([])
    advance(1)
    await Promise.all(browsers.map((ann) => ann.whoami()))
    await Promise.all(browsers.map((ann) => ann.whoami()))
    const seen = (await sessions.list('ann')).map(({ lastSeenAt }) => lastSeenAt.getTime())
    expect(new Set(seen)).toEqual(new Set([Date.UTC(2030, 0, 1) + 60_000]))
    expect(batches.reduce((sum, size) => sum + size, 0)).toBe(10)
    expect(batches.length).toBeLessThan(10)
  })

  it('a touch that fails, or hangs, delays and fails nobody', async () => {
    for (const touch of [
      () => Promise.reject(new Error('down')),
      () => new Promise<never>(() => {}),
    ]) {
      const store: SessionStore = memoryStore()
      store.touch = touch
      const { browser, advance } = world({ store, touchAfter: 1 })
      const ann = browser()
      await ann.login('ann')
      advance(2)
      expect(await ann.whoami()).toBe('ann')
      expect(await ann.whoami()).toBe('ann')
    }
  })
})

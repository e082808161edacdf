import type { SessionsOptions } from '@adjourn/core'
import { describe, expect, it } from 'vitest'
import { frameworks } from '../guarantees/nodes.ts'
import { backends } from './backends.ts'
import { startPair, within, type Node, type Pair } from './nodes.ts'

/** Half a second between two looks, a quarter between SQLite's polls, and a busy machine. */
const SOON_MS = 5000
const OVER = 'ERR_SESSION_ENDED'

interface Scene extends Pair {
  /** Of a session of ann's. */
  readonly cookie: string
  readonly id: string
}

type End = (scene: Scene) => Promise<unknown>

const ENDINGS: Record<string, End> = {
  logout: ({ here, cookie }) => here.visit('/logout', cookie),
  destroy: ({ here, id }) => here.sessions.destroy(id),
  'revokeAll of the user': ({ here }) => here.sessions.revokeAll('ann'),
  'revokeAll of a tag': ({ here }) => here.sessions.revokeAll({ tag: 'org' }),
  'revokeAll of everyone': ({ here }) => here.sessions.revokeAll({ everyone: true }),
  "another user's login in its place": ({ here, cookie }) => here.visit('/login-bob', cookie),
  'a tag joined since': async ({ here, cookie }) => {
    await here.visit('/join', cookie)
    await here.sessions.revokeAll({ tag: 'later' })
  },
  'the limit': async ({ here, clock }) => {
    clock.advance(1)
    for (const path of ['/login', '/login', '/login']) await here.visit(path)
  },
  'the idle timeout': async ({ clock }) => clock.advance(3600),
  'the absolute timeout': async ({ here, cookie, clock }) => {
    for (let hours = 0; hours < 23; hours++) {
      clock.advance(3599)
      expect((await here.visit('/save', cookie)).status).toBe(200)
    }
    clock.advance(86_400 - 23 * 3599)
  },
}

for (const [framework, start] of frameworks) {
  describe.each(Object.entries(backends))(`${framework} on %s`, (_backend, createBackend) => {
    const pair = (options?: Parameters<typeof startPair>[2]): Promise<Pair> =>
      startPair(start, createBackend(`live-signals-${framework.toLowerCase()}`), options)

    async function signIn(node: Node): Promise<{ cookie: string; id: string }> {
      const { cookie, body: id } = await node.visit('/login')
      return { cookie, id }
    }

    it.concurrent.each(Object.entries(ENDINGS))(
      'closes the streams of a session, here and there: %s',
      async (_name, end) => {
        await using nodes = await pair({ maxSessionsPerUser: 3 })
        const { here, there } = nodes
        const { cookie, id } = await signIn(here)
        const streams = await Promise.all([here, there, there].map((node) => node.watch(cookie)))
        await end({ ...nodes, cookie, id })
        for (const { over } of streams) expect(await within(SOON_MS, over)).toBe(OVER)
      },
    )

    it.concurrent('keeps the streams of a session that goes on', async () => {
      await using nodes = await pair()
      const { here, there } = nodes
      const mine = await signIn(here)
      const theirs = await signIn(there)
      const kept = [await here.watch(mine.cookie), await there.watch(mine.cookie)]
      const closed = await there.watch(theirs.cookie)
      let { cookie } = mine
      for (const path of ['/save', '/rotate', '/join', '/leave', '/revoke-others']) {
        const { status, ...reply } = await here.visit(path, cookie)
        expect(status).toBe(200)
        cookie = reply.cookie
      }
      await here.sessions.revokeAll({ tag: 'later' })
      await here.sessions.revokeAll('bob')
      // What was told in this order has been heard in this order.
      expect(await within(SOON_MS, closed.over)).toBe(OVER)
      const last = await there.watch((await signIn(here)).cookie)
      await here.sessions.revokeAll('ann', { except: mine.id })
      expect(await within(SOON_MS, last.over)).toBe(OVER)
      expect(kept.map(({ isOpen }) => isOpen)).toEqual([true, true])
      await here.visit('/logout', cookie)
      for (const { over } of kept) expect(await within(SOON_MS, over)).toBe(OVER)
    })

    it.concurrent('has nothing to wait for without a session; an anonymous one counts', async () => {
      await using nodes = await pair()
      const { here, there } = nodes
      expect(await within(SOON_MS, (await here.watch('')).over)).toBe(OVER)
      const { cookie } = await here.visit('/save')
      const stream = await there.watch(cookie)
      const rotated = (await here.visit('/rotate', cookie)).cookie
      expect(await within(SOON_MS, (await there.watch(cookie)).over), 'a stale cookie').toBe(OVER)
      expect(stream.isOpen).toBe(true)
      await here.visit('/logout', rotated)
      expect(await within(SOON_MS, stream.over)).toBe(OVER)
      expect(await within(SOON_MS, (await there.watch(rotated)).over), 'a dead cookie').toBe(OVER)
    })

    const FEEDS: Record<string, { options?: object; lose(node: Node): void }> = {
      'a feed that is lost': { lose: ({ store }) => store.fail('watch') },
      'a feed that hangs': { lose: ({ store }) => store.pause('watch') },
      'a store without a feed': { options: { watched: false }, lose: () => {} },
    }
    it.concurrent.each(Object.entries(FEEDS))('misses nothing with %s', async (_feed, feed) => {
      await using nodes = await pair(feed.options satisfies Partial<SessionsOptions> | undefined)
      const { here, there } = nodes
      const [first, second] = [await signIn(here), await signIn(here)]
      const streams = [await there.watch(first.cookie), await there.watch(second.cookie)]
      feed.lose(there)
      await here.visit('/logout', first.cookie)
      expect(await within(SOON_MS, streams[0]?.over ?? expect.fail())).toBe(OVER)
      expect(streams[1]?.isOpen).toBe(true)
      await here.sessions.revokeAll('ann')
      expect(await within(SOON_MS, streams[1]?.over ?? expect.fail())).toBe(OVER)
    })

    it.concurrent('misses nothing in an outage: what ended in it closes after it', async () => {
      await using nodes = await pair()
      const { here, there } = nodes
      const [first, second] = [await signIn(here), await signIn(here)]
      const streams = [await there.watch(first.cookie), await there.watch(second.cookie)]
      there.store.fail('all')
      await here.visit('/logout', first.cookie)
      await expect(there.visit('/me', second.cookie)).resolves.toMatchObject({ status: 503 })
      expect(streams.map(({ isOpen }) => isOpen)).toEqual([true, true])
      there.store.restore()
      expect(await within(SOON_MS, streams[0]?.over ?? expect.fail())).toBe(OVER)
      expect((await there.visit('/me', second.cookie)).body).toBe('ann')
      expect(streams[1]?.isOpen).toBe(true)
    })

    it.concurrent('closes all streams of a node whose sessions are closed, and no others', async () => {
      await using nodes = await pair()
      const { here, there } = nodes
      const { cookie } = await signIn(here)
      const [near, far] = [await here.watch(cookie), await there.watch(cookie)]
      await there.sessions.close()
      expect(await within(SOON_MS, far.over)).toBe(OVER)
      expect(await within(SOON_MS, (await there.watch(cookie)).over)).toBe(OVER)
      expect(near.isOpen).toBe(true)
      expect((await there.visit('/me', cookie)).body).toBe('ann')
    })
  })
}

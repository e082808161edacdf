import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { memoryStore, type Session } from '../src/index.ts'
import { world, type Browser } from './support/browser.ts'
import {
  at,
  count,
  expectOver,
  pass,
  settled,
  signalOf,
  stopTime,
  twoNodes,
  type World,
} from './support/feeds.ts'
import { add } from './support/handlers.ts'

beforeEach(() => stopTime())
afterEach(() => void vi.useRealTimers())

interface Scene {
  /** Where the session is ended; it is watched here and there. */
  readonly node: World
  readonly ann: Browser
  readonly id: string
}

/** Every way in which ann's session can end. */
const ENDINGS: Record<string, (scene: Scene) => Promise<unknown>> = {
  logout: ({ node, ann }) => at(node, ann).visit((session) => session.end()),
  destroy: ({ node, id }) => node.sessions.destroy(id),
  'revokeAll of the user': ({ node }) => node.sessions.revokeAll('ann'),
  'revokeAll of a tag': ({ node }) => node.sessions.revokeAll({ tag: 'org' }),
  'revokeAll of everyone': ({ node }) => node.sessions.revokeAll({ everyone: true }),
  'revokeOthers of another session': async ({ node }) => {
    const other = node.browser()
    await other.login('ann')
    await other.visit((session) => session.revokeOthers())
  },
  'the limit, at another login': async ({ node }) => {
    node.advance(1)
    for (const other of [node.browser(), node.browser()]) await other.login('ann')
  },
  "another user's login in the same browser": ({ node, ann }) => at(node, ann).login('bob'),
}

async function signedIn({ browser }: World): Promise<{ ann: Browser; id: string }> {
  const ann = browser()
  const id = await ann.visit(async (session) => {
    await session.create({ userId: 'ann', tags: ['org'] })
    return session.id ?? ''
  })
  return { ann, id }
}

describe('session.signal', () => {
  it.each(Object.entries(ENDINGS))(
    'aborts here at once, and on another node: %s',
    async (_, end) => {
      const { here, there } = twoNodes({ maxSessionsPerUser: 2 })
      const { ann, id } = await signedIn(here)
      const [near, far] = [await signalOf(ann), await signalOf(at(there, ann))]
      await settled()
      expect([near.aborted, far.aborted]).toEqual([false, false])
      await end({ node: here, ann, id })
      expectOver(near, /gone|revoked/)
      await settled()
      expectOver(far, /gone|revoked/)
    },
  )

  it('does not abort for those that are spared: the others end, and this one goes on', async () => {
    const { here, there } = twoNodes()
    const { ann } = await signedIn(here)
    const other = await signedIn(there)
    const [mine, far] = [await signalOf(ann), await signalOf(at(there, ann))]
    const theirs = await signalOf(other.ann)
    await ann.visit((session) => session.revokeOthers())
    await settled()
    expect([mine.aborted, far.aborted]).toEqual([false, false])
    expectOver(theirs)
    await here.sessions.revokeAll('ann', { except: await ann.visit(async ({ id }) => id ?? '') })
    await pass(2000)
    expect([mine.aborted, far.aborted, await ann.whoami()]).toEqual([false, false, 'ann'])
  })

  it('does not abort for a save, a rotation, a step-up or a touch', async () => {
    const { here, there } = twoNodes({ touchAfter: 1 })
    const { ann } = await signedIn(here)
    const signals = [await signalOf(ann), await signalOf(at(there, ann))]
    for (const node of [here, there]) node.advance(2)
    await ann.visit(add('n', 1))
    await ann.visit((session) => session.rotate())
    await ann.visit((session) => session.reauthenticate())
    await ann.visit((session) => session.rotate({ tags: [] }))
    await here.sessions.revokeAll({ tag: 'org' })
    await here.sessions.revokeAll('bob')
    await pass(2000)
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false])
  })

  it('aborts for a tag that the session has joined since', async () => {
    const { here, there } = twoNodes()
    const { ann } = await signedIn(here)
    const signals = [await signalOf(ann), await signalOf(at(there, ann))]
    await settled()
    await ann.visit((session) => session.rotate({ tags: ['later'] }))
    // Its record stays: only the tag's epoch ends it.
    here.store.fail('purge')
    await expect(here.sessions.revokeAll({ tag: 'later' })).rejects.toThrow('in effect')
    await settled()
    for (const signal of signals) expectOver(signal, 'revoked')
  })

  it('aborts for a tag that is revoked while its rotation is being looked at', async () => {
    const { here, there } = twoNodes()
    const { ann } = await signedIn(here)
    const far = await signalOf(at(there, ann))
    await settled()
    there.store.pause('read', { when: 'after' })
    await ann.visit((session) => session.rotate({ tags: ['later'] }))
    await there.store.reached('read')
    here.store.fail('purge')
    await expect(here.sessions.revokeAll({ tag: 'later' })).rejects.toThrow('in effect')
    there.store.release()
    await settled()
    expectOver(far, 'revoked')
  })

  it('has aborted already for a visitor, a stale cookie and a dead one', async () => {
    const { here } = twoNodes()
    expectOver(await signalOf(here.browser()), 'there is none')
    const { ann } = await signedIn(here)
    const before = at(here, ann)
    await ann.visit((session) => session.rotate())
    expectOver(await signalOf(before), 'there is none')
    const dead = at(here, ann)
    await ann.visit((session) => session.end())
    expectOver(await signalOf(dead), 'there is none')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('goes on from an anonymous session to the login that takes it over', async () => {
    const { here } = twoNodes()
    const visitor = here.browser()
    await visitor.visit(add('cart', 1))
    const signal = await signalOf(visitor)
    await visitor.login('ann')
    await settled()
    expect(signal.aborted).toBe(false)
    expect(await signalOf(visitor)).toBe(signal)
    await here.sessions.revokeAll('ann')
    expectOver(signal)
  })

  it('aborts for an anonymous session that a login replaces', async () => {
    const { here } = twoNodes({ maxSessionsPerUser: 2, onLimit: 'reject' })
    const visitor = here.browser()
    await visitor.visit(add('cart', 1))
    const signal = await signalOf(visitor)
    await visitor.login('ann')
    expectOver(signal)
    expect(await visitor.whoami()).toBe('ann')
  })

  it('is one for all requests of a session, and the same within a request once it has ended', async () => {
    const { here } = twoNodes()
    const { ann } = await signedIn(here)
    const { session } = await ann.request()
    const { signal } = session
    expect(await signalOf(ann)).toBe(signal)
    await ann.visit((other) => other.end())
    expect(session.signal).toBe(signal)
    expectOver(signal)
    await session.end()
    expectOver(session.signal)
  })

  it('does not abort for an end that the store did not confirm, until it has happened', async () => {
    const { here } = twoNodes()
    const { ann } = await signedIn(here)
    const [signal, copy] = [await signalOf(ann), at(here, ann)]
    here.store.fail('delete', { times: 1 })
    await expect(ann.visit((session) => session.end())).rejects.toThrow('did not confirm')
    await settled()
    expect(signal.aborted).toBe(false)
    here.store.fail('delete', { times: 1, when: 'after' })
    await expect(copy.visit((session) => session.end())).rejects.toThrow('did not confirm')
    await settled()
    expectOver(signal)
  })
})

describe('session.signal, asked for late', () => {
  it.each(Object.entries(ENDINGS))(
    'aborts for what happened since the load: %s',
    async (_, end) => {
      const { here, there } = twoNodes({ maxSessionsPerUser: 2 })
      const { ann, id } = await signedIn(here)
      const requests = [await ann.request(), await at(there, ann).request()]
      await end({ node: here, ann: at(here, ann), id })
      const signals = requests.map(({ session }) => session.signal)
      await settled()
      for (const signal of signals) expectOver(signal)
      expect(vi.getTimerCount()).toBe(2)
    },
  )

  it('aborts for a session that has expired since the load', async () => {
    const { here } = twoNodes({ idleTimeout: 60 })
    const { ann } = await signedIn(here)
    const { session } = await ann.request()
    here.advance(60)
    const { signal } = session
    await settled()
    expectOver(signal, /expired|gone/)
  })

  it('is asked for by a handler that has been slow, in an outage: aborts once the store is back', async () => {
    const { here, there } = twoNodes()
    const { ann } = await signedIn(here)
    const { session } = await ann.request()
    await there.sessions.revokeAll('ann')
    here.store.fail('all')
    const { signal } = session
    await pass(3000)
    expect(signal.aborted).toBe(false)
    here.store.restore()
    await pass(500)
    expectOver(signal)
  })
})

describe('session.signal and the timeouts', () => {
  const timeouts = { idleTimeout: 60, touchAfter: 10, absoluteTimeout: 100 }

  it('aborts within half a second of the idle timeout, and the end is reported once', async () => {
    const { here, there } = twoNodes(timeouts)
    const { ann, id } = await signedIn(here)
    const signals = [await signalOf(ann), await signalOf(at(there, ann))]
    for (const node of [here, there]) node.advance(59.999)
    await pass(500)
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false])
    for (const node of [here, there]) node.advance(0.001)
    await pass(500)
    for (const signal of signals) expectOver(signal, /expired|gone/)
    const ends = [...here.events, ...there.events].filter(({ type }) => type === 'ended')
    expect(ends).toMatchObject([{ reason: 'idle', sessionId: id, userId: 'ann' }])
  })

  it('is kept by requests on another node, up to the absolute timeout', async () => {
    const { here, there } = twoNodes(timeouts)
    const { ann } = await signedIn(here)
    const signal = await signalOf(ann)
    for (let seconds = 20; seconds < 100; seconds += 20) {
      for (const node of [here, there]) node.advance(20)
      expect(await at(there, ann).whoami()).toBe('ann')
      await pass(500)
      expect(signal.aborted).toBe(false)
    }
    for (const node of [here, there]) node.advance(20)
    await pass(500)
    expectOver(signal, /expired|gone/)
    expect(here.events.at(-1)).toMatchObject({ type: 'ended', reason: 'absolute' })
  })

  it('does not abort where a touch of another node overtakes the deletion', async () => {
    const { here, there } = twoNodes(timeouts)
    const { ann } = await signedIn(here)
    const signal = await signalOf(ann)
    here.advance(60)
    // The clock of the other node is a little behind: there the session is seen in time.
    there.advance(59)
    here.store.pause('delete')
    vi.advanceTimersByTime(500)
    await here.store.reached('delete')
    expect(await at(there, ann).whoami()).toBe('ann')
    await settled()
    here.store.release()
    await pass(2000)
    expect([signal.aborted, await at(there, ann).whoami()]).toEqual([false, 'ann'])
    here.advance(60)
    await pass(500)
    expectOver(signal, /expired|gone/)
  })

  it('aborts where the expired record cannot be deleted', async () => {
    const { here } = twoNodes(timeouts)
    const { ann } = await signedIn(here)
    const signal = await signalOf(ann)
    here.advance(60)
    here.store.fail('delete')
    await pass(500)
    expectOver(signal, 'expired')
  })

  it('survives a clock that jumps back', async () => {
    const { here } = twoNodes(timeouts)
    const { ann } = await signedIn(here)
    const signal = await signalOf(ann)
    here.advance(-3600)
    await pass(1000)
    expect(signal.aborted).toBe(false)
    here.advance(3660)
    await pass(500)
    expectOver(signal, /expired|gone/)
  })
})

describe('session.signal with the memory store', () => {
  it('aborts for a session that the store drops as it is full', async () => {
    const { browser } = world({ store: memoryStore({ maxSessions: 2 }) })
    const ann = browser()
    await ann.login('ann')
    const signal = await signalOf(ann)
    for (const other of [browser(), browser()]) await other.login('bob')
    await settled()
    expectOver(signal, 'gone')
  })

  it('aborts for a session that is swept as it has expired', async () => {
    const { browser, advance } = world({ idleTimeout: 60 })
    const ann = browser()
    await ann.login('ann')
    const signal = await signalOf(ann)
    advance(60)
    await browser().login('bob')
    await settled()
    expectOver(signal)
  })
})

describe('sessions.close', () => {
  it('aborts all signals, also those asked for later, and leaves no timer', async () => {
    const { here } = twoNodes()
    const browsers = await Promise.all(
      ['ann', 'bob'].map(async (user) => {
        const browser = here.browser()
        await browser.login(user)
        return browser
      }),
    )
    const signals = await Promise.all(browsers.map(signalOf))
    const open = await Promise.all(browsers.map((browser) => browser.request()))
    await here.sessions.close()
    for (const signal of signals) expectOver(signal, 'closed')
    const reads = count(here.store, 'read')
    for (const { session } of open) expectOver(session.signal, 'closed')
    await pass(2000)
    expect([vi.getTimerCount(), count(here.store, 'read')]).toEqual([0, reads])
    expect(await browsers[0]?.whoami(), 'a store that was passed in stays open').toBe('ann')
    await here.sessions.close()
  })

  it('is not undone by those who listen and ask again', async () => {
    const { here } = twoNodes()
    const { ann } = await signedIn(here)
    const [first, second] = [await ann.request(), await ann.request()]
    const again: AbortSignal[] = []
    const ask = ({ session }: { session: Session }): void => void again.push(session.signal)
    first.session.signal.addEventListener('abort', () => ask(second))
    await here.sessions.close()
    expect(again).toHaveLength(1)
    for (const signal of again) expectOver(signal, 'closed')
    expect(vi.getTimerCount()).toBe(0)
  })
})

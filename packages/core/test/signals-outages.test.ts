import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { memoryStore, type SessionStore } from '../src/index.ts'
import { faultyStore } from '../src/testing/index.ts'
import { world, type Browser } from './support/browser.ts'
import {
  at,
  count,
  expectOver,
  handFed,
  pass,
  settled,
  signalOf,
  stopTime,
  twoNodes,
  unwatched,
  type World,
} from './support/feeds.ts'

beforeEach(() => stopTime())
afterEach(() => {
  process.setUncaughtExceptionCaptureCallback(null)
  vi.useRealTimers()
})

const LOOK_EVERY = 500
const MAX_LAG = 1000

async function signedIn({ browser }: World, userId = 'ann'): Promise<Browser> {
  const ann = browser()
  await ann.login(userId)
  return ann
}

describe('session.signal where the feed does not tell', () => {
  it('looks every half second while the feed is lost', async () => {
    const { here, there } = twoNodes()
    const ann = await signedIn(here)
    const signal = await signalOf(at(there, ann))
    await pass(1000)
    there.store.fail('watch')
    await here.sessions.revokeAll('ann')
    await settled()
    expect(signal.aborted).toBe(false)
    await pass(LOOK_EVERY)
    expectOver(signal)
  })

  it('looks at all of them once the feed is back, though it has told nothing', async () => {
    const { store, say } = handFed()
    const node = { ...world({ store }), store }
    const signal = await signalOf(await signedIn(node))
    say.current(Infinity)
    await settled()
    say.lost()
    await store.delete([...(await store.list('user:ann', new Date(0)))][0]?.id ?? '')
    say.current(Infinity)
    await pass(LOOK_EVERY)
    expectOver(signal, 'gone')
  })

  it('looks no more often than twice a second at a feed that is lost and back all the time', async () => {
    const { store, say } = handFed()
    const node = { ...world({ store }), store }
    const signal = await signalOf(await signedIn(node))
    say.current(Infinity)
    await settled()
    const before = store.calls.length
    for (let times = 0; times < 20; times++) {
      say.lost()
      say.current(Infinity)
      await pass(50)
    }
    const reads = store.calls.slice(before).filter(({ operation }) => operation === 'read')
    expect(reads.length).toBeGreaterThan(0)
    expect(reads.length).toBeLessThanOrEqual(3)
    expect(signal.aborted).toBe(false)
  })

  it('looks at 200 sessions at a time, so that requests take their turns', async () => {
    const { store, say } = handFed()
    const node = { ...world({ store }), store }
    const signals = await Promise.all(
      Array.from({ length: 250 }, async () => signalOf(await signedIn(node))),
    )
    await settled()
    store.pause('read', { times: Infinity })
    await pass(LOOK_EVERY)
    const standing = (): number => store.calls.filter(({ done }) => !done).length
    expect(standing()).toBe(200)
    store.restore()
    await settled()
    say.deleted('')
    expect(signals.every(({ aborted }) => !aborted)).toBe(true)
    expect(standing()).toBe(0)
  })

  it('notices a feed that hangs, and looks for itself: 1.5 seconds in all', async () => {
    const { here, there } = twoNodes()
    const ann = await signedIn(here)
    const signal = await signalOf(at(there, ann))
    await pass(1000)
    there.store.pause('watch')
    await here.sessions.revokeAll('ann')
    await pass(MAX_LAG - LOOK_EVERY)
    expect(signal.aborted).toBe(false)
    await pass(2 * LOOK_EVERY)
    expectOver(signal)
  })

  it('misses nothing in a feed that hung and goes on', async () => {
    const { here, there } = twoNodes()
    const ann = await signedIn(here)
    const signal = await signalOf(at(there, ann))
    await pass(1000)
    there.store.pause('watch')
    await here.sessions.revokeAll('ann')
    there.store.release('watch')
    await settled()
    expectOver(signal)
  })

  it('outlives an outage, and aborts within half a second of its end', async () => {
    const { here, there } = twoNodes()
    const [ann, bob] = [await signedIn(here), await signedIn(here, 'bob')]
    const [signal, other] = [await signalOf(at(there, ann)), await signalOf(at(there, bob))]
    there.store.fail('all')
    await here.sessions.revokeAll('ann')
    await pass(10_000)
    expect([signal.aborted, other.aborted]).toEqual([false, false])
    there.store.restore()
    await pass(LOOK_EVERY)
    expectOver(signal)
    expect(other.aborted).toBe(false)
  })

  it('looks again where a lookup fails and the feed goes on', async () => {
    const { here, there } = twoNodes()
    const ann = await signedIn(here)
    const signal = await signalOf(at(there, ann))
    await pass(1000)
    there.store.fail('read', { times: 3 })
    here.store.fail('purge')
    await expect(here.sessions.revokeAll('ann')).rejects.toThrow('in effect')
    await pass(2 * LOOK_EVERY)
    expect(signal.aborted).toBe(false)
    await pass(LOOK_EVERY)
    expectOver(signal)
  })

  it('does without a feed: a store that has none is looked up twice a second', async () => {
    const inner = memoryStore()
    const [store, elsewhere] = [unwatched(inner), faultyStore(inner)]
    const node = { ...world({ store }), store }
    const ann = await signedIn(node)
    const signal = await signalOf(ann)
    await pass(LOOK_EVERY)
    await world({ store: elsewhere }).sessions.revokeAll('ann')
    await settled()
    expect(signal.aborted).toBe(false)
    await pass(LOOK_EVERY)
    expectOver(signal)
    const [mine, theirs] = [await signedIn(node), await signedIn(node)]
    const own = await Promise.all([mine, theirs].map(signalOf))
    await mine.visit((session) => session.end())
    await node.sessions.revokeAll('ann')
    for (const each of own) expectOver(each)
  })

  it('needs neither a feed nor a lookup for an end that was confirmed here', async () => {
    const store = unwatched()
    const { session } = await (await signedIn(world({ store }))).request()
    const { signal } = session
    await settled()
    store.fail('read')
    await session.end()
    expectOver(signal, 'gone')
  })

  it('asks a store that hangs once for each session, and looks again when it answers', async () => {
    const { here, there } = twoNodes()
    const ann = await signedIn(here)
    const far = at(there, ann)
    const signal = await signalOf(far)
    await settled()
    there.store.fail('watch')
    there.store.pause('read', { when: 'after' })
    const before = count(there.store, 'read')
    await pass(LOOK_EVERY)
    // What this read has seen is from before the revocation.
    await here.sessions.revokeAll('ann')
    await pass(10_000)
    expect(count(there.store, 'read')).toBe(before + 1)
    there.store.release()
    await settled()
    expectOver(signal)
  })

  it('looks again where something is told while it looks', async () => {
    const { store, say } = handFed()
    const node = { ...world({ store }), store }
    const ann = await signedIn(node)
    say.current(Infinity)
    store.pause('read', { when: 'after', times: 2 })
    const loading = ann.request()
    await store.reached('read')
    store.release()
    const { session } = await loading
    const { signal, id = '' } = session
    await store.reached('read')
    await store.delete(id)
    say.written(id)
    store.release()
    await settled()
    expectOver(signal, 'gone')
  })
})

describe('a store that breaks its contract, or nearly', () => {
  it('is not read while it tells, and hears of no abort before it has told', async () => {
    const { store, say } = handFed()
    const node = { ...world({ store }), store }
    const { session } = await (await signedIn(node)).request()
    const { signal, id = '' } = session
    await settled()
    const reads = count(store, 'read')
    for (const tell of [
      () => say.written(id),
      () => say.revoked('user:ann'),
      () => say.current(0),
      () => say.deleted(id),
    ]) {
      tell()
      expect([count(store, 'read'), signal.aborted]).toEqual([reads, false])
    }
    await settled()
    expectOver(signal)
  })

  it('is asked no more than twice a second by a session that it does not delete', async () => {
    const store = unwatched()
    const slow: SessionStore = { ...store, delete: async () => false }
    const node = world({ store: slow, idleTimeout: 60 })
    const signal = await signalOf(await signedIn(node))
    await settled()
    const before = count(store, 'read')
    node.advance(60)
    await pass(5000)
    expect(count(store, 'read') - before).toBe(10)
    expect(signal.aborted).toBe(false)
  })

  it.each([
    ['throws', () => expect.fail('at once')],
    ['rejects', () => Promise.reject(new Error('no'))],
    ['answers nonsense', async () => ({ record: { groups: 7 }, epochs: new Map() })],
  ])('is asked again, and nothing comes out of it: %s', async (_, read) => {
    const inner = memoryStore()
    const broken = { is: false }
    const store: SessionStore = {
      ...unwatched(inner),
      read: (...given) => (broken.is ? (read() as never) : inner.read(...given)),
    }
    const { browser, sessions } = world({ store })
    const ann = browser()
    await ann.login('ann')
    const signal = await signalOf(ann)
    await settled()
    broken.is = true
    await pass(2000)
    await sessions.revokeAll('ann')
    expect(signal.aborted).toBe(false)
    broken.is = false
    await pass(LOOK_EVERY)
    expectOver(signal)
  })
})

describe('what listens to session.signal', () => {
  it('may end sessions in its turn', async () => {
    const { here } = twoNodes()
    const [ann, bob, carl] = [
      await signedIn(here),
      await signedIn(here, 'bob'),
      await signedIn(here, 'carl'),
    ]
    const { session } = await ann.request()
    const others = [await signalOf(bob), await signalOf(carl)]
    const calls: Promise<unknown>[] = []
    session.signal.addEventListener('abort', () => {
      calls.push(session.end(), here.sessions.revokeAll('bob'))
    })
    others[0]?.addEventListener('abort', () => {
      calls.push(here.sessions.revokeAll({ everyone: true }))
    })
    await here.sessions.revokeAll('ann')
    await settled()
    await Promise.all(calls)
    for (const signal of others) expectOver(signal)
    expect(calls).toHaveLength(3)
    expect(vi.getTimerCount()).toBe(1)
  })

  it('may throw: the call that ended the session and all other listeners do not notice', async () => {
    const thrown: unknown[] = []
    process.setUncaughtExceptionCaptureCallback((error) => thrown.push(error))
    const { here } = twoNodes()
    const [ann, other] = [await signedIn(here), await signedIn(here)]
    const signals = await Promise.all([ann, other].map(signalOf))
    const heard = vi.fn()
    for (const signal of signals) {
      signal.addEventListener('abort', () => {
        throw new Error("the app's own")
      })
      signal.addEventListener('abort', heard)
    }
    expect(await here.sessions.revokeAll('ann')).toBe(2)
    await settled()
    expect([heard.mock.calls.length, thrown.length]).toEqual([2, 2])
    expect(vi.getTimerCount()).toBe(1)
  })

  it('may be many, without a warning', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const { here } = twoNodes()
    const ann = await signedIn(here)
    const heard = vi.fn(() => {})
    for (let n = 0; n < 100; n++) (await signalOf(ann)).addEventListener('abort', () => heard())
    await ann.visit((session) => session.end())
    expect([heard.mock.calls.length, warned.mock.calls.length]).toEqual([100, 0])
  })
})

describe('what it costs to watch sessions', () => {
  it('leaves nothing behind once they are over: no timer, no lookup', async () => {
    const { here } = twoNodes()
    const all = await Promise.all(['ann', 'bob', 'carl'].map((userId) => signedIn(here, userId)))
    const signals = await Promise.all(all.map(signalOf))
    await settled()
    here.store.fail('watch')
    expect(vi.getTimerCount()).toBe(2)
    await all[0]?.visit((session) => session.end())
    await here.sessions.revokeAll('bob')
    const lookups = count(here.store, 'read')
    await pass(LOOK_EVERY)
    expect(count(here.store, 'read') - lookups, 'one is left').toBe(1)
    await here.sessions.revokeAll({ everyone: true })
    for (const signal of signals) expectOver(signal)
    const after = count(here.store, 'read')
    await pass(5000)
    expect(count(here.store, 'read')).toBe(after)
    expect(vi.getTimerCount(), "the faulty feed's own").toBe(1)
    await here.sessions.close()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('reads once where an expiry has moved on, not with every look', async () => {
    const { here, there } = twoNodes({ idleTimeout: 60, touchAfter: 10 })
    const ann = await signedIn(here)
    await signalOf(ann)
    for (const node of [here, there]) node.advance(40)
    await at(there, ann).whoami()
    await settled()
    for (const node of [here, there]) node.advance(40)
    const before = count(here.store, 'read')
    await pass(5000)
    expect(count(here.store, 'read') - before).toBe(1)
  })

  it('reads nothing while the feed is live, however many are watched', async () => {
    const { here } = twoNodes()
    for (let n = 0; n < 200; n++) await signalOf(await signedIn(here, `user ${n % 20}`))
    await settled()
    const before = count(here.store, 'read')
    await pass(10_000)
    expect(count(here.store, 'read')).toBe(before)
    here.store.fail('purge')
    await expect(here.sessions.revokeAll('user 7')).rejects.toThrow('in effect')
    await settled()
    // Those of the user: told by this node and by the feed, and looked at once or twice.
    expect(count(here.store, 'read') - before).toBeGreaterThanOrEqual(10)
    expect(count(here.store, 'read') - before).toBeLessThanOrEqual(20)
  })
})

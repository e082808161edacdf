/** Nodes that hang or are all gone, on a real replica set: an outage ends no session, and no wait. */
import { faultyStore, type FaultyStore } from '@adjourn/core/testing'
import { describe, expect, it } from 'vitest'
import { Browser, DATABASE, newUser, signIn, startApp } from './app.ts'
import { useReplicaSet } from './fixture.ts'
import { insist, settle, tell, TIMEOUT } from './outcome.ts'

const LONG = { timeout: 300_000 }

describe('an outage', () => {
  const fixture = useReplicaSet()

  it('hung primary: every call ends within the bound, and the others take over', LONG, async () => {
    const { set, here, there } = fixture
    const browser = await signIn(here, 'ann')
    const calls = await callsOf(browser)
    const primary = await set.primary()
    primary.pause()
    const outcomes = await Promise.all(calls.map((call) => settle(call)))
    tell('calls to a hung primary', outcomes)
    expect(outcomes.filter(({ error }) => error !== undefined)).not.toEqual([])

    expect(await browser.whoIs(there)).toBe('ann')
    primary.resume()
    await set.healthy()
    expect(await browser.whoIs(there)).toBe('ann')
    await insist(() => browser.visit(there, (session) => session.rotate()), 4)
    expect(await browser.whoIs(there)).toBe('ann')
  })

  it('hung store: every call rejects within the bound, and works again', LONG, async () => {
    const { set, here, there } = fixture
    const browser = await signIn(here, 'bob')
    const calls = await callsOf(browser)
    for (const node of set.nodes) node.pause()
    const outcomes = await Promise.all(calls.map((call) => settle(call)))
    tell('calls to a hung store', outcomes)
    for (const { error, seconds } of outcomes) {
      expect(error).toBeDefined()
      expect(seconds).toBeGreaterThan(TIMEOUT * 0.9)
    }
    for (const node of set.nodes) node.resume()
    expect(await browser.whoIs(there)).toBe('bob')
    await save(browser)
    expect(await browser.whoIs(there)).toBe('bob')
  })

  it('all nodes killed: 503 and the cookie stays; signed in once they are back', LONG, async () => {
    const { set, here, there } = fixture
    const browser = await signIn(here, 'eve')
    const { cookie } = browser
    await Promise.all(set.nodes.map((node) => node.kill()))
    const outcomes = await Promise.all(
      [here, there, here].map((app) =>
        settle(() => browser.visit(app, (session) => session.end())),
      ),
    )
    tell('requests without a store', outcomes)
    for (const { error } of outcomes) expect(error?.status).toBe(503)
    expect(browser.cookie, 'nothing was sent').toBe(cookie)

    await Promise.all(set.nodes.map((node) => node.start()))
    expect(await browser.whoIs(there)).toBe('eve')
    await save(browser)
    expect(await browser.whoIs(there)).toBe('eve')
  })

  it(
    'a rotation that hangs rejects, and signs nobody out, whether it is done later or not',
    LONG,
    async () => {
      const { set, there } = fixture
      let store: FaultyStore | undefined
      await using app = await startApp(set.uri, { wrap: (inner) => (store = faultyStore(inner)) })
      const browser = await signIn(app, 'ivy')
      const { cookie } = browser
      store?.pause('update')
      // The write, and the look at what became of it.
      const rotating = settle(() => browser.visit(app, (session) => session.rotate()), 2)
      await store?.reached('update')
      for (const node of set.nodes) node.pause()
      store?.release('update')
      expect((await rotating).error).toBeDefined()
      for (const node of set.nodes) node.resume()
      expect(browser.cookie, 'it holds both secrets').not.toBe(cookie)
      expect(await browser.whoIs(there)).toBe('ivy')
      expect(await browser.whoIs(there), 'later too').toBe('ivy')
    },
  )

  it('an end that only the primary has seen is never acknowledged', LONG, async () => {
    const { set, here, there } = fixture
    const browser = await signIn(here, 'joe')
    const session = await browser.copy().load(here)
    // The login is on all nodes; what follows is on one.
    const witness = here.client.db(DATABASE).collection('witness')
    await witness.insertOne({}, { writeConcern: { w: 3 } })
    const primary = await set.primary()
    const secondaries = set.nodes.filter((node) => node !== primary)
    await Promise.all(secondaries.map((node) => node.kill()))
    const { error } = await settle(() => session.end())
    await primary.kill()
    await Promise.all(secondaries.map((node) => node.start()))

    await set.primary(secondaries)
    const who = await browser.whoIs(there)
    expect(who, 'whoever was told "signed out" is').toBe(error === undefined ? undefined : 'joe')
    expect(error?.record, 'and nobody was told so').toBe('unknown')
    await insist(() => session.end())
    expect(await browser.whoIs(there)).toBeUndefined()
    await primary.start()
    await set.healthy()
    expect(await browser.whoIs(there)).toBeUndefined()
  })

  /** One of each, of requests that were loaded before; what ends a session ends somebody else's. */
  async function callsOf(browser: Browser): Promise<(() => Promise<unknown>)[]> {
    const { here } = fixture
    const { sessions } = here
    const load = (): ReturnType<Browser['load']> => browser.copy().load(here)
    const [saver, updater, rotator] = await Promise.all([load(), load(), load()])
    const visitor = await new Browser().load(here)
    const leaver = await (await signIn(here)).load(here)
    const { id = '', userId = '' } = leaver
    saver.data['n'] = 1
    return [
      () => load(),
      () => saver.save(),
      () => updater.update((data) => ({ ...data, n: 2 })),
      () => rotator.rotate(),
      () => visitor.create({ userId }),
      () => sessions.list(userId),
      () => sessions.fence(userId),
      () => sessions.destroy(id),
      () => sessions.revokeAll(newUser('nobody')),
      () => leaver.end(),
    ]
  }

  async function save(browser: Browser): Promise<void> {
    await insist(
      () =>
        browser.visit(fixture.here, async (session) => {
          session.data['n'] = 3
          await session.save()
        }),
      3,
    )
  }
})

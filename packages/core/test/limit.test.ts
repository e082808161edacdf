import { describe, expect, it } from 'vitest'
import { memoryStore, type Session } from '../src/index.ts'
import { faultyStore, type FaultyStore } from '../src/testing/index.ts'
import { world, type Browser } from './support/browser.ts'
import { add, dataOf } from './support/handlers.ts'

const limited = { code: 'ERR_SESSION_LIMIT', status: 403 }

type World = ReturnType<typeof world>

const rejecting = (
  max: number,
  store = faultyStore(memoryStore()),
): World & { store: FaultyStore } => ({
  ...world({ store, maxSessionsPerUser: max, onLimit: 'reject' }),
  store,
})

/** Nodes with one store, whose clocks are so many seconds apart from the first's. */
function nodes(max: number, ...apart: number[]): { store: FaultyStore; each: World[] } {
  const store = faultyStore(memoryStore())
  const each = [0, ...apart].map((seconds) => {
    const node = rejecting(max, store)
    node.advance(100 + seconds)
    return node
  })
  return { store, each }
}

const outcomes = async (logins: readonly Promise<unknown>[]): Promise<string[]> =>
  (await Promise.allSettled(logins)).map((result) =>
    result.status === 'fulfilled' ? 'in' : (result.reason as { code: string }).code,
  )

/** Two logins that have both found room before either is written, and are both written before either looks. */
async function bothFindRoom(
  store: FaultyStore,
  logIn: () => Promise<unknown>[],
): Promise<string[]> {
  store.pause('list', { when: 'after', times: 2 })
  store.pause('insert', { when: 'after', times: 2 })
  const logins = outcomes(logIn())
  await store.reached('list', 2)
  store.release('list')
  await store.reached('insert', 2)
  store.release()
  return logins
}

const writes = ({ calls }: FaultyStore): number =>
  calls.filter(({ operation }) => operation !== 'read' && operation !== 'list').length

const signIn = (session: Session): Promise<void> => session.create({ userId: 'ann' })

const idOf = async ({ id }: Session): Promise<string | undefined> => id

describe("onLimit: 'reject'", () => {
  it('rejects a login beyond the limit, having written nothing, until a session ends', async () => {
    const { browser, store, events, sessions } = rejecting(2)
    const [first, second, third] = [browser(), browser(), browser()]
    await first.login('ann')
    await second.login('ann')
    const before = [writes(store), events.length]
    await expect(third.login('ann')).rejects.toMatchObject(limited)
    expect([writes(store), events.length]).toEqual(before)
    expect(third.cookie).toBeUndefined()
    await browser().login('bob')
    await first.visit((session) => session.end())
    await third.login('ann')
    expect(await second.whoami()).toBe('ann')
    expect(await third.whoami()).toBe('ann')
    expect(await sessions.list('ann')).toHaveLength(2)
  })

  it("leaves this request's anonymous session alone, with what it has not saved yet", async () => {
    const { browser, events } = rejecting(1)
    const [ann, visitor] = [browser(), browser()]
    await ann.login('ann')
    await visitor.visit(add('cart', 1))
    const [id, { cookie }] = [await visitor.visit(idOf), visitor]
    const before = events.length
    await visitor.visit(async (session) => {
      session.data['note'] = 'unsaved'
      await expect(session.create({ userId: 'ann' })).rejects.toMatchObject(limited)
      expect(session.data).toEqual({ cart: 1, note: 'unsaved' })
      await session.save()
    })
    expect(visitor.cookie).toBe(cookie)
    expect(await visitor.visit(idOf)).toBe(id)
    expect(await visitor.visit(dataOf)).toEqual({ cart: 1, note: 'unsaved' })
    expect(events).toHaveLength(before)
  })

  it("leaves another user's session of this request alone", async () => {
    const { browser } = rejecting(1)
    const [ann, bob] = [browser(), browser()]
    await ann.login('ann')
    await bob.login('bob')
    await bob.visit((session) => expect(signIn(session)).rejects.toMatchObject(limited))
    expect(await bob.whoami()).toBe('bob')
  })

  it('lets the same user sign in again in place', async () => {
    const { browser, sessions } = rejecting(1)
    const ann = browser()
    const id = await ann.login('ann')
    expect(await ann.login('ann')).toBe(id)
    expect(await sessions.list('ann')).toHaveLength(1)
    await expect(browser().login('ann')).rejects.toMatchObject(limited)
  })

  it('ends nobody where the limit was lowered', async () => {
    const before = rejecting(2)
    const [phone, laptop] = [before.browser(), before.browser()]
    await phone.login('ann')
    await laptop.login('ann')
    const after = rejecting(1, before.store).browser()
    after.cookie = laptop.cookie
    await after.login('ann')
    expect(await after.whoami()).toBe('ann')
    expect(await phone.whoami()).toBe('ann')
  })

  it('limits nobody who is anonymous', async () => {
    const { browser } = rejecting(1)
    for (const visitor of [browser(), browser()]) await visitor.visit((session) => session.create())
  })

  it('signs an anonymous session in, carries its data over and ends it', async () => {
    const { browser, store, events } = rejecting(1)
    const visitor = browser()
    await visitor.visit(add('cart', 1))
    const [id, before] = [await visitor.visit(idOf), browser()]
    before.cookie = visitor.cookie
    await visitor.visit((session) => session.create({ userId: 'ann', data: { seat: 2 } }))
    expect(await visitor.visit(dataOf)).toEqual({ cart: 1, seat: 2 })
    expect(await before.visit(async ({ active }) => active)).toBe(false)
    expect((await store.read(id, [])).record).toBeUndefined()
    expect(events.map(({ type }) => type)).toEqual(['created', 'ended', 'created', 'rejected'])
    expect(events[1]).toMatchObject({ reason: 'replaced', sessionId: id })
  })
})

describe("onLimit: 'reject', for logins at the same time", () => {
  it.each([
    [1, 20],
    [3, 20],
    [5, 5],
    [7, 3],
  ])('of %i places, %i logins get all that they can', async (max, count) => {
    const { browser, sessions } = rejecting(max)
    const places = Math.min(max, count)
    const result = await outcomes(Array.from({ length: count }, () => browser().login('ann')))
    expect(result.filter((outcome) => outcome === 'in')).toHaveLength(places)
    expect(new Set(result).size).toBe(count > max ? 2 : 1)
    expect(await sessions.list('ann')).toHaveLength(places)
  })

  it.each([0, -50, 50])(
    'one of two gets the last place, their clocks %i s apart',
    async (apart) => {
      const { store, each } = nodes(1, apart)
      const logins = await bothFindRoom(store, () =>
        each.map((node) => node.browser().login('ann')),
      )
      expect(logins.toSorted()).toEqual(['ERR_SESSION_LIMIT', 'in'])
      expect(await each[0]?.sessions.list('ann')).toHaveLength(1)
      expect(each.flatMap(({ events }) => events)).toHaveLength(1)
    },
  )

  it.each([-50, 0, 50])(
    'who is in stays in, whoever has looked before and has a clock %i s off',
    async (apart) => {
      const { store, each } = nodes(1, apart)
      const [ann, late] = each.map((node) => node.browser()) as [Browser, Browser]
      store.pause('insert')
      const login = outcomes([late.login('ann')])
      await store.reached('insert')
      await ann.login('ann')
      store.release()
      expect(await login).toEqual(['ERR_SESSION_LIMIT'])
      expect(await ann.whoami()).toBe('ann')
      expect(await each[0]?.sessions.list('ann')).toHaveLength(1)
    },
  )

  it('a session that was there keeps its place though its clock was fast', async () => {
    const { store, each } = nodes(2, 50, 0)
    const [here, fast, there] = each.map((node) => node.browser()) as [Browser, Browser, Browser]
    await fast.login('ann')
    const logins = await bothFindRoom(store, () => [here.login('ann'), there.login('ann')])
    expect(logins.toSorted()).toEqual(['ERR_SESSION_LIMIT', 'in'])
    // Nobody waits for the session to make way.
    expect(store.calls.filter(({ operation }) => operation === 'list').length).toBeLessThan(12)
    expect(await fast.whoami()).toBe('ann')
  })

  it('who loses keeps the anonymous session and its data', async () => {
    const { store, each } = nodes(1, -50)
    const [visitor, ann] = each.map((node) => node.browser()) as [Browser, Browser]
    await visitor.visit(add('cart', 1))
    const logins = await bothFindRoom(store, () => [visitor.login('ann'), ann.login('ann')])
    expect(logins).toEqual(['ERR_SESSION_LIMIT', 'in'])
    expect(await visitor.visit(dataOf)).toEqual({ cart: 1 })
    expect(await visitor.whoami()).toBeUndefined()
  })

  it('what is saved into the anonymous session meanwhile comes along', async () => {
    const { browser, store, sessions } = rejecting(1)
    const visitor = browser()
    await visitor.visit(add('cart', 1))
    const tab = browser()
    tab.cookie = visitor.cookie
    const late = await tab.request()
    store.pause('insert')
    const login = visitor.login('ann')
    await store.reached('insert')
    await tab.visit(add('more', 2))
    store.release()
    await login
    expect(await visitor.visit(dataOf)).toEqual({ cart: 1, more: 2 })
    expect(await sessions.list('ann')).toHaveLength(1)
    late.session.data['late'] = 1
    await expect(late.session.save()).rejects.toMatchObject({ code: 'ERR_SESSION_ENDED' })
  })

  it('two logins in one anonymous session both carry its data over', async () => {
    const { browser, store, sessions } = rejecting(2)
    const [visitor, tab] = [browser(), browser()]
    await visitor.visit(add('cart', 1))
    tab.cookie = visitor.cookie
    store.pause('insert', { times: 2 })
    const logins = outcomes([visitor.login('ann'), tab.login('ann')])
    await store.reached('insert', 2)
    store.release()
    expect(await logins).toEqual(['in', 'in'])
    for (const each of [visitor, tab]) expect(await each.visit(dataOf)).toEqual({ cart: 1 })
    expect(await sessions.list('ann')).toHaveLength(2)
  })

  it('a revocation that comes while it looks for room ends the login', async () => {
    const { browser, store, sessions } = rejecting(1)
    store.pause('insert', { when: 'after' })
    const login = outcomes([browser().login('ann')])
    await store.reached('insert')
    store.pause('list')
    store.release('insert')
    await store.reached('list')
    await sessions.revokeAll('ann')
    store.release()
    expect(await login).toEqual(['ERR_SESSION_REVOKED'])
    expect(await sessions.list('ann')).toEqual([])
  })

  it('is turned away in the end by a crowd that it never sees beforehand', async () => {
    const inner = memoryStore()
    const { insert, list } = { insert: inner.insert.bind(inner), list: inner.list.bind(inner) }
    let inserts = 0
    inner.insert = (record) => {
      inserts++
      return insert(record)
    }
    inner.list = async (group, now) => {
      const listed = await list(group, now)
      return listed.flatMap((each) => [each, { ...each, id: '-'.repeat(22) }])
    }
    const { browser, sessions } = rejecting(1, faultyStore(inner))
    await expect(browser().login('ann')).rejects.toMatchObject(limited)
    expect(inserts).toBe(10)
    expect(await sessions.list('ann')).toEqual([])
  })
})

describe("onLimit: 'reject', and a store that fails", () => {
  it.each(['list', 'insert', 'update'] as const)(
    'at %s: the login rejects, and the anonymous session goes on',
    async (operation) => {
      const { browser, store, sessions } = rejecting(1)
      const visitor = browser()
      await visitor.visit(add('cart', 1))
      store.fail(operation, { times: 1 })
      await expect(visitor.login('ann')).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
      expect(await visitor.visit(dataOf)).toEqual({ cart: 1 })
      expect(await sessions.list('ann')).toEqual([])
    },
  )

  it('and the answer to the end of the anonymous session is lost: the login is in', async () => {
    const { browser, store } = rejecting(1)
    const visitor = browser()
    await visitor.visit(add('cart', 1))
    store.fail('update', { times: 1, when: 'after' })
    store.fail('delete', { times: 1 })
    await visitor.login('ann')
    expect(await visitor.visit(dataOf)).toEqual({ cart: 1 })
  })

  it('when it is to make way: the error is not taken for a full house', async () => {
    const { store, each } = nodes(1, -50)
    const [late, ann] = each.map((node) => node.browser()) as [Browser, Browser]
    store.pause('list', { when: 'after', times: 2 })
    store.pause('insert', { when: 'after', times: 2 })
    const logins = outcomes([late.login('ann'), ann.login('ann')])
    await store.reached('list', 2)
    store.release('list')
    await store.reached('insert', 2)
    store.fail('delete', { times: 1 })
    store.release()
    expect(await logins).toEqual(['ERR_STORE_UNAVAILABLE', 'in'])
    expect(await each[0]?.sessions.list('ann')).toHaveLength(1)
  })
})

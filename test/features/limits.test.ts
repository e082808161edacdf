import type { SessionsOptions } from '@adjourn/core'
import { expect, it } from 'vitest'
import { Browser, dataOf, onEachAppAndStore, put, type Node, touched } from './support.ts'

const LIMIT = { code: 'ERR_SESSION_LIMIT', status: 403 }
const reject: Partial<SessionsOptions> = { maxSessionsPerUser: 2, onLimit: 'reject' }

const browsers = (count: number): Browser[] => Array.from({ length: count }, () => new Browser())

/** Two devices of Ann's; resolves to the ids of their sessions. */
async function full(
  nodes: readonly [Node, Node],
): Promise<{ devices: [Browser, Browser]; ids: [string, string] }> {
  const devices: [Browser, Browser] = [new Browser(), new Browser()]
  const ids: [string, string] = [
    await devices[0].login(nodes[0], 'ann'),
    await devices[1].login(nodes[1], 'ann'),
  ]
  return { devices, ids }
}

async function signedIn(node: Node, all: readonly Browser[]): Promise<number> {
  const users = await Promise.all(all.map((browser) => browser.copy().whoami(node)))
  return users.filter((user) => user === 'ann').length
}

onEachAppAndStore('limits', (world) => {
  it('end-oldest: one login too many ends the session that was seen least recently', async () => {
    const { nodes, clock } = world()
    const [here, there] = await nodes({ maxSessionsPerUser: 2, touchAfter: 0 })
    const [first, second, third, bob] = browsers(4) as [Browser, Browser, Browser, Browser]
    await bob.login(here, 'bob')
    await first.login(here, 'ann')
    clock.advance(1)
    await second.login(there, 'ann')
    clock.advance(1)
    await first.whoami(here)
    await touched(here)
    clock.advance(1)
    await third.login(there, 'ann')
    for (const node of [here, there]) {
      const users = await Promise.all(
        [first, second, third, bob].map((browser) => browser.copy().whoami(node)),
      )
      expect(users).toEqual(['ann', undefined, 'ann', 'bob'])
    }
    expect(await here.sessions.list('ann')).toHaveLength(2)
  })

  it('end-oldest: logins at the same time on two nodes all succeed, and as many sessions are left as allowed', async () => {
    const both = await world().nodes({ maxSessionsPerUser: 3 })
    const all = browsers(8)
    await Promise.all(all.map((browser, at) => browser.login(at % 2 ? both[0] : both[1], 'ann')))
    expect(await signedIn(both[0], all)).toBe(3)
    expect(await both[1].sessions.list('ann')).toHaveLength(3)
  })

  it('who signs in again in the same browser, or rotates, takes no more room', async () => {
    for (const onLimit of ['end-oldest', 'reject'] as const) {
      const [here, there] = await world().nodes({ maxSessionsPerUser: 1, onLimit })
      const ann = new Browser()
      const id = await ann.login(here, onLimit)
      expect(await ann.login(there, onLimit)).toBe(id)
      await ann.visit(here, (session) => session.rotate())
      expect(await ann.whoami(there)).toBe(onLimit)
    }
  })

  it('reject: a login beyond the limit is refused, and changes nothing for anybody', async () => {
    const { nodes, record, count } = world()
    const both = await nodes(reject)
    const { devices, ids } = await full(both)
    const visitor = new Browser()
    await visitor.visit(both[0], put({ cart: ['tea'] }))
    const [{ cookie }, id] = [visitor, await visitor.visit(both[0], (session) => session.id)]
    const before = [await record(id), await record(ids[0]), await record(ids[1])]
    const inserts = count('insert')
    for (const browser of [visitor, new Browser()]) {
      const { status, outcome, setCookies } = await browser.open(both[1], async (session) => {
        await session.create({ userId: 'ann', data: { cart: [] } })
      })
      expect(outcome).toMatchObject({ reason: LIMIT })
      expect([status, setCookies]).toEqual([403, []])
    }
    expect([visitor.cookie, count('insert')]).toEqual([cookie, inserts])
    expect([await record(id), await record(ids[0]), await record(ids[1])]).toEqual(before)
    expect(await visitor.visit(both[0], dataOf)).toEqual({ cart: ['tea'] })
    expect(await signedIn(both[0], devices)).toBe(2)
    const types = both.flatMap(({ events }) => events.map(({ type }) => type))
    expect(types.filter((type) => type !== 'created')).toEqual([])
  })

  it("reject: the user who is signed in stays so when another's login is refused", async () => {
    const both = await world().nodes(reject)
    await full(both)
    const bob = new Browser()
    await bob.login(both[0], 'bob')
    await expect(bob.login(both[1], 'ann')).rejects.toMatchObject(LIMIT)
    expect(await bob.whoami(both[0])).toBe('bob')
    const eve = new Browser()
    await eve.login(both[0], 'eve')
    expect(await eve.whoami(both[1])).toBe('eve')
  })

  it.each<[string, (nodes: readonly [Node, Node], first: Browser, id: string) => unknown]>([
    ['was ended', ([here], first) => first.visit(here, (session) => session.end())],
    ['was destroyed', ([, there], _first, id) => there.sessions.destroy(id, { userId: 'ann' })],
    ['was revoked', ([, there]) => there.sessions.revokeAll('ann')],
    ['has expired', () => world().clock.advance(3600)],
  ])(
    'reject: there is room again once a session %s, for a visitor with their cart',
    async (_how, make) => {
      const both = await world().nodes(reject)
      const { devices, ids } = await full(both)
      const visitor = new Browser()
      await expect(visitor.login(both[0], 'ann')).rejects.toMatchObject(LIMIT)
      await make(both, devices[0], ids[0])
      await visitor.visit(both[1], put({ cart: ['tea'] }))
      const before = visitor.copy()
      await visitor.login(both[1], 'ann')
      expect(await visitor.visit(both[0], ({ userId, data }) => [userId, data])).toEqual([
        'ann',
        { cart: ['tea'] },
      ])
      expect(await before.visit(both[0], ({ active }) => active)).toBe(false)
    },
  )

  it('reject: of logins at the same time on two nodes as many succeed as allowed, and the others leave nothing', async () => {
    const both = await world().nodes({ maxSessionsPerUser: 3, onLimit: 'reject' })
    const all = browsers(8)
    const logins = all.map((browser, at) => browser.login(at % 2 ? both[0] : both[1], 'ann'))
    const results = await Promise.allSettled(logins)
    const refused = results.flatMap((each) =>
      each.status === 'rejected' ? [each.reason as unknown] : [],
    )
    expect(refused).toHaveLength(5)
    for (const reason of refused) expect(reason).toMatchObject(LIMIT)
    expect(all.filter(({ cookie }) => cookie !== '')).toHaveLength(3)
    expect(await signedIn(both[1], all)).toBe(3)
    expect(await both[0].sessions.list('ann')).toHaveLength(3)
  })
})

import { inspect } from 'node:util'
import type { SessionEvent } from '@adjourn/core'
import { expect, it } from 'vitest'
import {
  Browser,
  onEachAppAndStore,
  put,
  SECRET,
  type Node,
  type World,
  touched,
} from './support.ts'

const told = (nodes: readonly Node[]): SessionEvent[] => nodes.flatMap(({ events }) => events)
const ended = (nodes: readonly Node[]): SessionEvent[] =>
  told(nodes).filter(({ type }) => type === 'ended')

onEachAppAndStore('audit', (world) => {
  it('a login, a rotation, a step-up and a logout are told once each, with id, user and time', async () => {
    const { nodes, clock } = world()
    const both = await nodes({ touchAfter: 0 })
    const [here, there] = both
    const ann = new Browser()
    const sessionId = await ann.login(here, 'ann')
    const at = (seconds: number): Date => new Date(clock.now() - seconds * 1000)
    for (const handle of ['rotate', 'reauthenticate', 'save', 'end'] as const) {
      clock.advance(10)
      await ann.visit(there, (session) => session[handle]())
    }
    await ann.whoami(here)
    const about = { sessionId, userId: 'ann' }
    expect(here.events).toStrictEqual([{ type: 'created', at: at(40), ...about }])
    expect(there.events).toStrictEqual([
      { type: 'rotated', at: at(30), ...about },
      { type: 'reauthenticated', at: at(20), ...about },
      { type: 'ended', reason: 'logout', at: at(0), ...about },
    ])
  })

  it("a visitor's session is told without a user, and their login as created under the same id", async () => {
    const { node, clock } = world()
    const here = await node()
    const visitor = new Browser()
    await visitor.visit(here, put({ cart: ['tea'] }))
    const sessionId = await visitor.login(here, 'ann')
    const at = new Date(clock.now())
    expect(here.events).toStrictEqual([
      { type: 'created', at, sessionId },
      { type: 'created', at, sessionId, userId: 'ann' },
    ])
  })

  it.each([
    ['idle', 0, 100],
    ['absolute', 75, 75],
  ] as const)(
    'requests on two nodes that meet the same expired record tell once that it ended: %s',
    async (reason, busy, left) => {
      const { nodes, clock, store } = world()
      const both = await nodes({ idleTimeout: 100, absoluteTimeout: 150, touchAfter: 1 })
      const ann = new Browser()
      const sessionId = await ann.login(both[0], 'ann')
      clock.advance(busy)
      await ann.whoami(both[0])
      await touched(both[0])
      clock.advance(left)
      store.pause('delete', { times: 4 })
      const meeting = [...both, ...both].map((node) => ann.copy().whoami(node))
      await store.reached('delete', 4)
      store.restore()
      expect(await Promise.all(meeting)).toEqual(Array.from({ length: 4 }))
      const at = new Date(clock.now())
      expect(ended(both)).toStrictEqual([{ type: 'ended', reason, at, sessionId, userId: 'ann' }])
      const rejected = told(both).filter(({ type }) => type === 'rejected')
      expect(rejected).toStrictEqual(
        Array.from({ length: 4 }, () => ({ type: 'rejected', reason: 'expired', at, sessionId })),
      )
    },
  )

  it('two logouts at the same time tell once', async () => {
    const { nodes, store } = world()
    const both = await nodes()
    const ann = new Browser()
    await ann.login(both[0], 'ann')
    store.pause('delete', { times: 2 })
    const ending = both.map((node) => ann.copy().visit(node, (session) => session.end()))
    await store.reached('delete', 2)
    store.restore()
    await Promise.all(ending)
    expect(ended(both)).toHaveLength(1)
  })

  it('a session ended by the limit, by destroy, or by the login of another user is told with that reason', async () => {
    const { nodes, clock } = world()
    const [here, there] = await nodes({ maxSessionsPerUser: 1 })
    const [first, second] = [new Browser(), new Browser()]
    const limited = await first.login(here, 'ann')
    clock.advance(1)
    const destroyed = await second.login(there, 'ann')
    clock.advance(1)
    await there.sessions.destroy(destroyed)
    const replaced = await first.login(here, 'ann')
    await first.login(here, 'bob')
    const about = { type: 'ended', userId: 'ann' }
    const [at, before] = [new Date(clock.now()), new Date(clock.now() - 1000)]
    expect(ended([here, there])).toStrictEqual([
      { ...about, reason: 'replaced', at, sessionId: replaced },
      { ...about, reason: 'limit', at: before, sessionId: limited },
      { ...about, reason: 'revoked', at, sessionId: destroyed },
    ])
  })

  it('a revocation is told once, with its target, how many it ended and whom it spared', async () => {
    const { nodes, clock } = world()
    const [here, there] = await nodes()
    const [laptop, phone] = [new Browser(), new Browser()]
    const exceptId = await laptop.login(here, 'ann', { tags: ['org:acme'] })
    await phone.login(there, 'ann', { tags: ['org:acme'] })
    await laptop.visit(there, (session) => session.revokeOthers())
    await there.sessions.revokeAll({ tag: 'org:acme' })
    await there.sessions.revokeAll({ everyone: true })
    await there.sessions.revokeAll('ann')
    const at = new Date(clock.now())
    expect(
      [...here.events, ...there.events].filter(({ type }) => type === 'revoked'),
    ).toStrictEqual([
      { type: 'revoked', at, target: { userId: 'ann' }, count: 1, exceptId },
      { type: 'revoked', at, target: { tag: 'org:acme' }, count: 1 },
      { type: 'revoked', at, target: { everyone: true }, count: 0 },
      { type: 'revoked', at, target: 'ann', count: 0 },
    ])
  })

  it('no event shows a cookie, a secret, a hash or data, however it is printed', async () => {
    const both = await world().nodes({ maxSessionsPerUser: 1 })
    const cookies = await everything(world(), both)
    const events = told(both)
    const types = new Set(events.map(({ type }) => type))
    expect([...types].toSorted()).toEqual(
      ['created', 'ended', 'reauthenticated', 'rejected', 'revoked', 'rotated'].toSorted(),
    )
    const shown = `${JSON.stringify(events)}${inspect(events, { depth: null, showHidden: true })}`
    for (const part of [SECRET, 'hunter2', 'Fe26', 'secretHash', ...cookies]) {
      expect(shown).not.toContain(part)
    }
    expect(shown).not.toMatch(/[\w-]{40,}/)
  })

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('The log is full')
      },
    ],
    ['rejects', () => Promise.reject(new Error('The log is down'))],
    ['never answers', () => new Promise(() => {})],
  ])('a listener that %s changes nothing', async (_how, onEvent) => {
    const [here, there] = await world().nodes({ onEvent })
    const [ann, late] = [new Browser(), new Browser()]
    await ann.login(here, 'ann')
    await ann.visit(there, (session) => session.rotate())
    late.cookie = ann.cookie
    expect((await ann.open(here, (session) => session.end())).status).toBe(200)
    expect(await late.whoami(there)).toBeUndefined()
    expect(await there.sessions.revokeAll('ann')).toBe(0)
  })
})

/** All that there is to tell; resolves to the cookies that were handed out. */
async function everything(
  { record }: World,
  [here, there]: readonly [Node, Node],
): Promise<string[]> {
  const [ann, late] = [new Browser(), new Browser()]
  const cookies: string[] = []
  const id = await ann.login(here, 'ann', { data: { pin: 'hunter2' } })
  cookies.push(ann.cookie, (await record(id))?.secretHash ?? 'none')
  late.cookie = ann.cookie
  await ann.visit(there, (session) => session.flash('notice', 'hunter2'))
  await ann.visit(there, (session) => session.rotate())
  await ann.visit(there, (session) => session.reauthenticate())
  await late.whoami(there)
  cookies.push(ann.cookie, (await record(id))?.secretHash ?? 'none')
  await ann.login(there, 'bob')
  await here.ask(() => {}, { cookie: '__Host-session=hunter2' })
  await here.ask(() => {}, { cookie: late.cookie.replace(/.~2$/, 'A~2') })
  await there.sessions.revokeAll('bob')
  await ann.whoami(here)
  return [...cookies, ann.cookie].filter((cookie) => cookie !== '')
}

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createSessions, memoryStore, type Session } from '../src/index.ts'
import { SECRET, world, type Browser } from './support/browser.ts'
import {
  at,
  count,
  pass,
  settled,
  stopTime,
  twoNodes,
  unwatched,
  type World,
} from './support/feeds.ts'
import { add, dataOf } from './support/handlers.ts'

beforeEach(() => stopTime())
afterEach(() => void vi.useRealTimers())

const cache = { max: 100, maxAge: 3600 }

const cached = (options = {}): ReturnType<typeof twoNodes> =>
  twoNodes({ cache, idleTimeout: 3600, touchAfter: 600, ...options })

type Node = ReturnType<typeof twoNodes>['here']

/** A browser whose session both nodes have in their caches. */
async function warm(...nodes: readonly Node[]): Promise<{ ann: Browser; id: string }> {
  const [node] = nodes
  if (node === undefined) throw new Error('no node')
  const ann = node.browser()
  const id = await ann.visit(async (session) => {
    await session.create({ userId: 'ann', tags: ['org'] })
    return session.id ?? ''
  })
  for (const each of nodes) {
    // The first begins the feed, the second is cached, the third proves it.
    for (let visits = 0; visits < 2; visits++) {
      await at(each, ann).whoami()
      await settled()
    }
    await expectHit(each, ann)
  }
  return { ann, id }
}

async function reads(node: Node, act: () => Promise<unknown>): Promise<number> {
  const before = count(node.store, 'read')
  await act()
  return count(node.store, 'read') - before
}

async function expectHit(node: Node, browser: Browser): Promise<void> {
  expect(await reads(node, () => at(node, browser).whoami())).toBe(0)
}

const who = (node: World, browser: Browser): Promise<string | undefined> =>
  at(node, browser).whoami()

describe('the read cache', () => {
  it('answers without the store, request after request', async () => {
    const { here } = cached()
    const { ann } = await warm(here)
    const before = here.store.calls.length
    for (let n = 0; n < 50; n++) expect(await who(here, ann)).toBe('ann')
    expect(here.store.calls).toHaveLength(before)
  })

  it('is off unless asked for: every request reads', async () => {
    const { here } = twoNodes()
    const ann = here.browser()
    await ann.login('ann')
    expect(await reads(here, () => who(here, ann))).toBe(1)
    expect(await reads(here, () => who(here, ann))).toBe(1)
    expect(count(here.store, 'watch')).toBe(0)
  })

  it('keeps nothing of what is not there: a dead cookie is read each time', async () => {
    const { here } = cached()
    const { ann, id } = await warm(here)
    const dead = at(here, ann)
    await here.sessions.destroy(id)
    for (let n = 0; n < 3; n++) {
      expect(await reads(here, () => who(here, dead))).toBe(1)
      expect(await who(here, dead)).toBeUndefined()
    }
  })

  it('keeps so many sessions, those that were used last', async () => {
    const { here } = cached({ cache: { max: 2, maxAge: 3600 } })
    const [{ ann: a }, { ann: b }] = [await warm(here), await warm(here)]
    await expectHit(here, a)
    const { ann: c } = await warm(here)
    await expectHit(here, a)
    await expectHit(here, c)
    expect(await reads(here, () => who(here, b))).toBe(1)
  })

  it('keeps a session for so long, however often it is used', async () => {
    const { here } = cached({ cache: { max: 10, maxAge: 60 }, touchAfter: 1 })
    const { ann } = await warm(here)
    for (const seconds of [30, 29.999]) {
      here.advance(seconds)
      await expectHit(here, ann)
    }
    here.advance(0.001)
    expect(await reads(here, () => who(here, ann))).toBe(1)
    await expectHit(here, ann)
  })

  it('is not trusted after the clock has jumped back', async () => {
    const { here } = cached()
    const { ann } = await warm(here)
    here.advance(-3600)
    expect(await reads(here, () => who(here, ann))).toBe(1)
    await expectHit(here, ann)
  })

  it('shares nothing between requests', async () => {
    const { here } = cached()
    const { ann } = await warm(here)
    await ann.visit(add('list', [1]))
    await who(here, ann)
    const facts = async (session: Session): Promise<object> => ({
      ...(JSON.parse(JSON.stringify(session)) as object),
      authenticatedAt: session.authenticatedAt,
      data: structuredClone(session.data),
    })
    const before = await ann.visit(facts)
    await ann.visit(async (session) => {
      for (const date of [
        session.createdAt,
        session.authenticatedAt,
        session.lastSeenAt,
        session.expiresAt,
      ]) {
        date?.setTime(0)
      }
      const { data, tags } = session as { data: { list?: number[] }; tags: readonly string[] }
      data.list?.push(2)
      ;(tags as string[]).push('root')
    })
    await expectHit(here, ann)
    expect(await ann.visit(facts)).toEqual(before)
  })
})

/** What a session can do to itself or have done to it, and what the next request is to see. */
const WRITES: Record<string, [act: (s: Session, node: World) => Promise<unknown>, seen: object]> = {
  save: [add('n', 1), { userId: 'ann', data: { n: 1 } }],
  update: [(session) => session.update(() => ({ n: 2 })), { data: { n: 2 } }],
  flash: [(session) => session.flash('notice', 'hello'), { notice: 'hello' }],
  rotate: [(session) => session.rotate({ tags: ['new'] }), { tags: ['new'] }],
  reauthenticate: [
    async (session, node) => {
      node.advance(5)
      await session.reauthenticate()
    },
    { isFresh: true },
  ],
  revokeOthers: [(session) => session.revokeOthers(), { userId: 'ann' }],
  'login in place': [
    (session) => session.create({ userId: 'ann', data: { n: 3 } }),
    { data: { n: 3 } },
  ],
  'login of another': [(session) => session.create({ userId: 'bob' }), { userId: 'bob' }],
  end: [(session) => session.end(), { userId: undefined }],
}

async function seen(session: Session): Promise<object> {
  const { userId, tags } = session
  const data = { ...session.data }
  const isFresh = session.isFresh(3)
  return { userId, tags, data, isFresh, notice: await session.flash('notice') }
}

describe('with the cache, what this node writes', () => {
  it.each(Object.entries(WRITES))('is seen by the next request: %s', async (_, [act, expected]) => {
    const { here } = cached()
    const { ann } = await warm(here)
    await ann.visit((session) => act(session, here))
    expect(await ann.visit(seen)).toMatchObject(expected)
  })

  it.each(Object.entries(WRITES))(
    'is seen by another node with what it tells: %s',
    async (_, [act, expected]) => {
      const { here, there } = cached()
      const { ann } = await warm(here, there)
      there.advance(5)
      await ann.visit((session) => act(session, here))
      expect(await at(there, ann).visit(seen)).toMatchObject(expected)
    },
  )

  it.each([
    ['rotate', (session: Session) => session.rotate()],
    ['reauthenticate', (session: Session) => session.reauthenticate()],
    ['revokeOthers', (session: Session) => session.revokeOthers()],
    ['login', (session: Session) => session.create({ userId: 'ann' })],
    ['end', (session: Session) => session.end()],
  ])('stops the old cookie at once, here and there: %s', async (_, act) => {
    const { here, there } = cached()
    const { ann } = await warm(here, there)
    const old = at(here, ann)
    await ann.visit<unknown>(act)
    expect(await who(here, old)).toBeUndefined()
    expect(await who(there, old)).toBeUndefined()
  })

  it.each([
    ['destroy', ({ sessions }: World, id: string) => sessions.destroy(id)],
    ['revokeAll of the user', ({ sessions }: World) => sessions.revokeAll('ann')],
    ['revokeAll of a tag', ({ sessions }: World) => sessions.revokeAll({ tag: 'org' })],
    ['revokeAll of everyone', ({ sessions }: World) => sessions.revokeAll({ everyone: true })],
    [
      'the limit',
      async (node: World) => {
        node.advance(1)
        for (const other of [node.browser(), node.browser()]) await other.login('ann')
      },
    ],
  ])('ends every session that it ends at once, here and there: %s', async (_, end) => {
    const { here, there } = cached({ maxSessionsPerUser: 2 })
    const { ann, id } = await warm(here, there)
    await end(here, id)
    expect(await who(here, ann)).toBeUndefined()
    expect(await who(there, ann)).toBeUndefined()
  })

  it('spares the excepted session, and caches it again', async () => {
    const { here } = cached()
    const [{ ann }, { ann: other }] = [await warm(here), await warm(here)]
    await ann.visit((session) => session.revokeOthers())
    expect([await who(here, ann), await who(here, other)]).toEqual(['ann', undefined])
    await expectHit(here, ann)
  })

  it.each(['update', 'delete', 'revoke'] as const)(
    'is seen though its answer was lost: %s',
    async (operation) => {
      const { here } = cached()
      // A feed that says nothing: what is seen, this node has told itself.
      const { ann } = await warm(here)
      here.store.pause('watch')
      here.store.fail(operation, { when: 'after', times: 1 })
      const act = {
        update: (session: Session) => add('n', 1)(session),
        delete: (session: Session) => session.end(),
        revoke: () => here.sessions.revokeAll('ann'),
      }[operation]
      const before = at(here, ann)
      await expect(before.visit<unknown>(act)).rejects.toMatchObject({
        code: 'ERR_STORE_UNAVAILABLE',
      })
      const after = await at(here, ann).visit(async ({ userId, data }) => [userId, { ...data }])
      expect(after).toEqual(operation === 'update' ? ['ann', { n: 1 }] : [undefined, {}])
    },
  )

  it('needs no feed to be seen here', async () => {
    for (const [name, [act, expected]] of Object.entries(WRITES)) {
      const { here } = cached()
      const { ann } = await warm(here)
      here.store.pause('watch')
      await ann.visit((session) => act(session, here))
      expect(await ann.visit(seen), name).toMatchObject(expected)
    }
  })
})

describe('what the cache says no to', () => {
  it('is read: the new cookie of a rotation on another node works before that is told', async () => {
    const { here, there } = cached()
    const { ann } = await warm(here, there)
    there.store.pause('watch')
    const old = at(there, ann)
    await ann.visit((session) => session.rotate())
    expect(await who(there, ann)).toBe('ann')
    expect(await who(there, old), 'what was just read counts').toBeUndefined()
  })

  it('is read: a touch on another node has moved the expiry', async () => {
    const { here, there } = cached({ idleTimeout: 100, touchAfter: 10 })
    const { ann } = await warm(here, there)
    for (let seconds = 0; seconds < 120; seconds += 20) {
      here.advance(20)
      there.advance(20)
      expect(await who(here, ann)).toBe('ann')
      await settled()
    }
    expect(await reads(there, () => who(there, ann))).toBe(1)
    expect(await who(there, ann)).toBe('ann')
  })

  it('is read: expired here and there is over, and reported once', async () => {
    const { here, there } = cached({ idleTimeout: 100, touchAfter: 10 })
    const { ann } = await warm(here, there)
    for (const node of [here, there]) node.advance(100)
    expect([await who(here, ann), await who(there, ann)]).toEqual([undefined, undefined])
    const ends = [...here.events, ...there.events].filter(({ type }) => type === 'ended')
    expect(ends).toMatchObject([{ reason: 'idle' }])
  })

  it('is dead as it would be without: every call on it is refused', async () => {
    const { here, there } = cached()
    const { ann, id } = await warm(here, there)
    there.store.pause('watch')
    await here.sessions.destroy(id)
    await at(there, ann).visit(async (session) => {
      expect(session.userId, 'not told yet').toBe('ann')
      session.data['n'] = 1
      await expect(session.save()).rejects.toMatchObject({ code: 'ERR_SESSION_ENDED' })
    })
    await at(there, ann).visit(async (session) => {
      await expect(session.rotate()).rejects.toMatchObject({ code: 'ERR_SESSION_ENDED' })
    })
    await pass(1000)
    expect(await who(there, ann)).toBeUndefined()
  })
})

describe('touches with the cache', () => {
  it('stay throttled, and hold the session up to the idle timeout', async () => {
    const { here } = cached({ idleTimeout: 100, touchAfter: 10, cache: { max: 10, maxAge: 3600 } })
    const { ann, id } = await warm(here)
    for (let seconds = 0; seconds < 200; seconds++) {
      here.advance(1)
      expect(await who(here, ann)).toBe('ann')
    }
    await settled()
    expect(count(here.store, 'touch')).toBe(20)
    const { record } = await here.store.read(id, [])
    const shown = await ann.visit(async ({ lastSeenAt, expiresAt }) => ({ lastSeenAt, expiresAt }))
    expect(record).toMatchObject(shown)
    here.advance(100)
    expect(await who(here, ann)).toBeUndefined()
  })

  it('come again where the store has lost them', async () => {
    const { here } = cached({ idleTimeout: 60, touchAfter: 50 })
    const { ann } = await warm(here)
    here.advance(50)
    here.store.fail('touch', { times: 1 })
    expect(await who(here, ann)).toBe('ann')
    await settled()
    here.advance(5)
    expect(await who(here, ann)).toBe('ann')
    await settled()
    here.advance(50)
    expect(await who(here, ann), 'seen 50 seconds ago').toBe('ann')
  })

  it('do not outlive the store: a touch that it refused is no reason to trust', async () => {
    const { here } = cached({ idleTimeout: 60, touchAfter: 50 })
    const { ann } = await warm(here)
    here.advance(50)
    // It answers, and has done nothing.
    const { touch } = here.store
    here.store.touch = async () => {}
    expect(await who(here, ann)).toBe('ann')
    await settled()
    here.store.touch = touch
    here.advance(10)
    expect(await who(here, ann), 'as the store has it').toBeUndefined()
  })
})

describe('the option cache', () => {
  function refused(options: object): string {
    try {
      createSessions({ secrets: SECRET, ...options })
    } catch (error) {
      expect(error).toMatchObject({ code: 'ERR_CONFIG' })
      return (error as Error).message
    }
    throw new Error('accepted')
  }

  it.each([
    [true, 'cache must be an object'],
    [null, 'cache must be an object'],
    [{}, 'cache.max is missing; cache.maxAge is missing'],
    [{ max: 1 }, 'cache.maxAge is missing'],
    [{ max: 0, maxAge: 1 }, 'cache.max must be a whole number'],
    [{ max: 1.5, maxAge: 1 }, 'cache.max must be a whole number'],
    [{ max: 1e9, maxAge: 1 }, 'cache.max must be a whole number'],
    [{ max: Infinity, maxAge: 1 }, 'cache.max must be a whole number'],
    [{ max: 1, maxAge: 0 }, 'cache.maxAge must be a number of seconds'],
    [{ max: 1, maxAge: Infinity }, 'cache.maxAge must be a number of seconds'],
    [{ max: 1, maxAge: '60' }, 'cache.maxAge must be a number of seconds'],
    [{ max: 1, maxAge: 60, ttl: 1 }, 'cache.ttl is not an option'],
  ])('is refused by name: %j', (given, message) => {
    expect(refused({ cache: given })).toContain(message)
  })

  it('needs a store that can be watched', async () => {
    expect(refused({ cache, store: unwatched() })).toContain('cache needs a store')
    const sessions = createSessions({ secrets: SECRET, cache, store: memoryStore() })
    await sessions.close()
    expect(await world({ cache }).browser().visit(dataOf)).toEqual({})
  })
})

import { describe, expect, it } from 'vitest'
import { memoryStore } from '../src/index.ts'
import { faultyStore } from '../src/testing/index.ts'
import { world } from './support/browser.ts'

describe('list', () => {
  it('shows the live sessions, newest first, and what the app said of the device', async () => {
    const { browser, sessions, advance } = world()
    const [phone, laptop] = [browser(), browser()]
    await phone.visit((session) =>
      session.create({ userId: 'ann', tags: ['org:acme'], device: { label: 'Phone' } }),
    )
    advance(10)
    await laptop.login('ann')
    await laptop.visit(async (session) => {
      session.data['private'] = 1
      await session.save()
    })
    const listed = await sessions.list('ann')
    const at = Date.UTC(2030, 0, 1)
    expect(listed).toEqual([
      {
        id: expect.stringMatching(/^[\w-]{22}$/) as unknown,
        createdAt: new Date(at + 10_000),
        lastSeenAt: new Date(at + 10_000),
        expiresAt: new Date(at + 3_610_000),
        tags: [],
      },
      {
        id: expect.stringMatching(/^[\w-]{22}$/) as unknown,
        createdAt: new Date(at),
        lastSeenAt: new Date(at),
        expiresAt: new Date(at + 3_600_000),
        tags: ['org:acme'],
        device: { label: 'Phone' },
      },
    ])
    expect(await sessions.list('nobody')).toEqual([])
  })
})

describe('destroy', () => {
  it('ends one session from anywhere, once', async () => {
    const { browser, sessions, events } = world()
    const [ann, other] = [browser(), browser()]
    const id = await ann.login('ann')
    await other.login('ann')
    expect(await sessions.destroy(id)).toBe(true)
    expect(await sessions.destroy(id)).toBe(false)
    expect(await ann.whoami()).toBeUndefined()
    expect(await other.whoami()).toBe('ann')
    expect(events.filter(({ type }) => type === 'ended')).toEqual([
      expect.objectContaining({ reason: 'revoked', sessionId: id, userId: 'ann' }),
    ])
  })

  it('with a user ends it only if it is theirs', async () => {
    const { browser, sessions } = world()
    const ann = browser()
    const id = await ann.login('ann')
    expect(await sessions.destroy(id, { userId: 'bob' })).toBe(false)
    expect(await ann.whoami()).toBe('ann')
    expect(await sessions.destroy(id, { userId: 'ann' })).toBe(true)
  })

  it('ends nothing for a user who is not there', async () => {
    const { browser, sessions } = world()
    const [ann, visitor] = [browser(), browser()]
    const id = await ann.login('ann')
    const anonymous = await visitor.visit(async (session) => {
      await session.create()
      return session.id ?? ''
    })
    const { session } = await browser().request()
    for (const each of [id, anonymous]) {
      expect(await sessions.destroy(each, { userId: session.userId } as never)).toBe(false)
    }
    expect(await ann.whoami()).toBe('ann')
  })

  it.each(['', 'epoch:user:ann', '__proto__', 'x'.repeat(10_000), 5 as never, null as never])(
    'is false for the id %j',
    async (id) => {
      expect(await world().sessions.destroy(id)).toBe(false)
    },
  )
})

describe('maxSessionsPerUser', () => {
  it('ends the least recently seen, and tells', async () => {
    const { browser, sessions, advance, events } = world({ maxSessionsPerUser: 2, touchAfter: 0 })
    const [first, second, third] = [browser(), browser(), browser()]
    await first.login('ann')
    advance(1)
    await second.login('ann')
    advance(1)
    await first.whoami()
    advance(1)
    await third.login('ann')
    expect(await first.whoami()).toBe('ann')
    expect(await second.whoami()).toBeUndefined()
    expect(await third.whoami()).toBe('ann')
    expect(await sessions.list('ann')).toHaveLength(2)
    expect(events).toContainEqual(expect.objectContaining({ type: 'ended', reason: 'limit' }))
  })

  it('spares one that was seen meanwhile', async () => {
    const store = memoryStore()
    const { browser, advance } = world({ store, maxSessionsPerUser: 2, touchAfter: 0 })
    const [first, second, third] = [browser(), browser(), browser()]
    await first.login('ann')
    advance(1)
    await second.login('ann')
    advance(1)
    const list = store.list.bind(store)
    store.list = async (group, now) => {
      const listed = await list(group, now)
      store.list = list
      advance(1)
      await first.whoami()
      return listed
    }
    await third.login('ann')
    expect(await first.whoami()).toBe('ann')
    expect(await second.whoami()).toBeUndefined()
  })

  it.each([0, -3])(
    'lets a login in that finds one seen meanwhile, its own clock %i s off',
    async (seconds) => {
      const store = memoryStore()
      const node = world({ store, maxSessionsPerUser: 1, touchAfter: 0 })
      const other = world({ store, maxSessionsPerUser: 1, touchAfter: 0 })
      const before = other.browser()
      await before.login('ann')
      other.advance(10)
      node.advance(10 + seconds)
      const insert = store.insert.bind(store)
      store.insert = async (record) => {
        const inserted = await insert(record)
        other.advance(0.001)
        await before.whoami()
        return inserted
      }
      const ann = node.browser()
      await ann.login('ann')
      expect(await ann.whoami()).toBe('ann')
      expect(await before.whoami()).toBeUndefined()
    },
  )

  it('holds under 20 logins at once, for each user alone', async () => {
    const { browser, sessions } = world({ maxSessionsPerUser: 3 })
    const bob = browser()
    await bob.login('bob')
    await Promise.all(Array.from({ length: 20 }, () => browser().login('ann')))
    expect(await sessions.list('ann')).toHaveLength(3)
    expect(await bob.whoami()).toBe('bob')
  })
})

describe('find', () => {
  it('tells of a live session, whoever asks, and never of data or secrets', async () => {
    const { sessions, browser } = world({ idleTimeout: 100 })
    const ann = browser()
    const id = await ann.visit(async (session) => {
      await session.create({ userId: 'ann', tags: ['org:acme'], data: { pin: 1 } })
      return session.id ?? ''
    })
    const start = new Date(Date.UTC(2030, 0, 1))
    const expiresAt = new Date(start.getTime() + 100_000)
    const expected = { id, userId: 'ann', tags: ['org:acme'], createdAt: start, lastSeenAt: start }
    const found = { ...expected, authenticatedAt: start, expiresAt }
    expect(await sessions.find(id)).toEqual(found)
    expect(await sessions.find(id, { userId: 'ann' })).toEqual(found)
    for (const userId of ['bob', undefined] as string[]) {
      expect(await sessions.find(id, { userId })).toBeUndefined()
    }
    expect(await sessions.find('nobody')).toBeUndefined()
  })

  it.each<[string, (on: ReturnType<typeof world>, id: string) => unknown]>([
    ['destroyed', ({ sessions }, id) => sessions.destroy(id)],
    ['revoked', ({ sessions }) => sessions.revokeAll('ann')],
    ['revoked by a tag', ({ sessions }) => sessions.revokeAll({ tag: 'org:acme' })],
    ['revoked with everyone', ({ sessions }) => sessions.revokeAll({ everyone: true })],
    ['expired', ({ advance }) => advance(3600)],
  ])('finds none that was %s, also where deleting it failed', async (_how, end) => {
    const store = faultyStore(memoryStore({ maxSessions: 10 }))
    const on = world({ store })
    const id = await on.browser().visit(async (session) => {
      await session.create({ userId: 'ann', tags: ['org:acme'] })
      return session.id ?? ''
    })
    expect(await on.sessions.find(id)).toBeDefined()
    store.fail('purge')
    await Promise.resolve(end(on, id)).catch(() => {})
    expect(await on.sessions.find(id)).toBeUndefined()
  })

  it('reads once, a session with tags from the second time on', async () => {
    const store = faultyStore(memoryStore({ maxSessions: 10 }))
    const { sessions, browser } = world({ store })
    const [plain, tagged] = await Promise.all(
      [[], ['org:acme']].map((tags) =>
        browser().visit(async (session) => {
          await session.create({ userId: 'ann', tags })
          return session.id ?? ''
        }),
      ),
    )
    const reads = async (id = ''): Promise<number> => {
      const before = store.calls.length
      expect(await sessions.find(id, { userId: 'ann' })).toBeDefined()
      return store.calls.length - before
    }
    expect([await reads(plain), await reads(tagged), await reads(tagged)]).toEqual([1, 2, 1])
  })
})

describe('revokeAll of a federation', () => {
  it('ends one session of the provider, or all of its subject', async () => {
    const { sessions, browser } = world()
    const issuer = 'https://idp.example'
    const [one, two, other] = [browser(), browser(), browser()]
    for (const [each, subject, sid] of [
      [one, 'ann', 's1'],
      [two, 'ann', 's2'],
      [other, 'bob', 's3'],
    ] as const) {
      const federation = { issuer, subject, sid }
      await each.visit((session) => session.create({ userId: subject, federation }))
    }
    const whoAre = (): Promise<unknown> =>
      Promise.all([one, two, other].map((each) => each.whoami()))
    expect(await sessions.revokeAll({ federation: { issuer: 'https://other', sid: 's1' } })).toBe(0)
    expect(await sessions.revokeAll({ federation: { issuer, sid: 's1' } })).toBe(1)
    expect(await whoAre()).toEqual([undefined, 'ann', 'bob'])
    expect(await sessions.revokeAll({ federation: { issuer, subject: 'ann' } })).toBe(1)
    expect(await whoAre()).toEqual([undefined, undefined, 'bob'])
    await expect(sessions.revokeAll({ federation: {} } as never)).rejects.toMatchObject({
      code: 'ERR_CONFIG',
    })
  })

  it('ends those of a subject of which no sid is known, and no others', async () => {
    const { sessions, browser } = world()
    const issuer = 'https://idp.example'
    const [unnamed, named, other] = [browser(), browser(), browser()]
    for (const [each, federation] of [
      [unnamed, { issuer, subject: 'ann' }],
      [named, { issuer, subject: 'ann', sid: 's1' }],
      [other, { issuer, subject: 'bob' }],
    ] as const) {
      const userId = federation.subject
      await each.visit((session) => session.create({ userId, federation }))
    }
    const whoAre = (): Promise<unknown> =>
      Promise.all([unnamed, named, other].map((each) => each.whoami()))
    const target = { federation: { issuer, subject: 'ann', sid: null } }
    const elsewhere = { federation: { ...target.federation, issuer: 'https://other' } }
    expect(await sessions.revokeAll(elsewhere)).toBe(0)
    expect(await whoAre()).toEqual(['ann', 'ann', 'bob'])
    expect(await sessions.revokeAll(target)).toBe(1)
    expect(await whoAre()).toEqual([undefined, 'ann', 'bob'])
    await unnamed.visit((session) =>
      session.create({ userId: 'ann', federation: { issuer, subject: 'ann' } }),
    )
    expect(await sessions.revokeAll({ federation: { issuer, subject: 'ann' } })).toBe(2)
    expect(await whoAre()).toEqual([undefined, undefined, 'bob'])
  })

  it.each([
    [{ issuer: 'https://idp.example', sid: null }, 'subject'],
    [{ subject: 'ann', sid: null }, 'issuer'],
    [{ issuer: 'https://idp.example', subject: 'ann', sid: '' }, 'sid'],
    [{ issuer: 'https://idp.example', subject: 'ann', sid: false }, 'sid'],
  ])('refuses %j', async (federation, part) => {
    const revoking = world().sessions.revokeAll({ federation } as never)
    await expect(revoking).rejects.toMatchObject({ code: 'ERR_CONFIG' })
    await expect(revoking).rejects.toThrow(`federation.${part}`)
  })
})

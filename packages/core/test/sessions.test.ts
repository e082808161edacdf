import { describe, expect, it } from 'vitest'
import { memoryStore, type SessionStore } from '../src/index.ts'
import { Browser, world } from './support/browser.ts'

const revoked = { code: 'ERR_SESSION_REVOKED' }
const ended = { code: 'ERR_SESSION_ENDED' }
const idp = { issuer: 'https://idp.example', subject: 's-1', sid: 'idp-session' }

describe('revokeAll', () => {
  it.each([
    ['a user id', 'ann'],
    ['{ userId }', { userId: 'ann' }],
    ['{ tag }', { tag: 'org:acme' }],
    ['{ everyone }', { everyone: true } as const],
  ])('by %s ends them everywhere and deletes the records', async (_name, target) => {
    const { browser, sessions } = world()
    const browsers = [browser(), browser(), browser()]
    for (const ann of browsers) {
      await ann.visit((session) => session.create({ userId: 'ann', tags: ['org:acme'] }))
    }
    expect(await sessions.revokeAll(target)).toBe(3)
    for (const ann of browsers) expect(await ann.whoami()).toBeUndefined()
    expect(await sessions.list('ann')).toEqual([])
    const [again] = browsers
    await again?.login('ann')
    expect(await again?.whoami()).toBe('ann')
  })

  it('leaves others alone', async () => {
    const { browser, sessions } = world()
    const bob = browser()
    await bob.login('bob')
    await sessions.revokeAll('ann')
    await sessions.revokeAll({ tag: 'bob' })
    await sessions.revokeAll({ tag: 'user:bob' })
    expect(await bob.whoami()).toBe('bob')
  })

  it('takes effect with its one write, before any record is deleted', async () => {
    const store = memoryStore()
    const purge = store.purge.bind(store)
    const { browser, sessions } = world({ store })
    const ann = browser()
    await ann.login('ann')
    store.purge = async (epoch) => {
      expect(await ann.whoami()).toBeUndefined()
      expect(await sessions.list('ann')).toEqual([])
      return purge(epoch)
    }
    expect(await sessions.revokeAll('ann')).toBe(1)
  })

  it('spares the excepted session, by object or id, time after time', async () => {
    const { browser, sessions } = world()
    const [kept, other] = [browser(), browser()]
    const id = await kept.login('ann')
    await other.login('ann')
    const { session } = await kept.request()
    expect(await sessions.revokeAll('ann', { except: session })).toBe(1)
    expect(await sessions.revokeAll({ userId: 'ann' }, { except: id })).toBe(0)
    expect(await kept.whoami()).toBe('ann')
    expect(await other.whoami()).toBeUndefined()
    expect(await sessions.revokeAll('ann')).toBe(1)
    expect(await kept.whoami()).toBeUndefined()
  })

  it('keeps nobody when the excepted session is dead or no member', async () => {
    const { browser, sessions } = world()
    const [ann, bob] = [browser(), browser()]
    const dead = await ann.login('ann')
    await ann.visit((session) => session.end())
    await ann.login('ann')
    expect(await sessions.revokeAll('ann', { except: dead })).toBe(1)
    const bobs = await bob.login('bob')
    await ann.login('ann')
    expect(await sessions.revokeAll('ann', { except: bobs })).toBe(1)
    expect(await sessions.revokeAll('ann', { except: 'no such id' })).toBe(0)
    expect(await bob.whoami()).toBe('bob')
  })

  it.each([
    [''],
    [{}],
    [{ user: 'ann' }],
    [{ userId: 'a', tag: 'b' }],
    [{ everyone: false }],
    [null],
  ])('refuses the target %j', async (target) => {
    const revoking = world().sessions.revokeAll(target as never)
    await expect(revoking).rejects.toMatchObject({ code: 'ERR_CONFIG' })
  })

  it('leaves the groups of a federation out of the tags', async () => {
    const { browser } = world()
    const ann = browser()
    await ann.visit((session) => session.create({ userId: 'ann', federation: idp, tags: ['t'] }))
    expect(await ann.visit(async ({ tags }) => tags)).toEqual(['t'])
  })
})

describe('revokeOthers', () => {
  it('ends the others and rotates this one', async () => {
    const { browser, events } = world()
    const [here, there] = [browser(), browser()]
    await here.login('ann')
    await there.login('ann')
    const before = here.cookie
    expect(await here.visit((session) => session.revokeOthers())).toBe(1)
    expect(here.cookie).not.toBe(before)
    expect(await here.whoami()).toBe('ann')
    expect(await there.whoami()).toBeUndefined()
    expect(events).toContainEqual(expect.objectContaining({ type: 'revoked', count: 1 }))
  })

  it('of two at once has one survivor, and the loser changes nothing', async () => {
    const { browser } = world()
    const [a, b] = [browser(), browser()]
    await a.login('ann')
    await b.login('ann')
    const both = [await a.request(), await b.request()]
    const results = await Promise.allSettled(both.map(({ session }) => session.revokeOthers()))
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: ended })
    for (const [at, browsers] of [a, b].entries()) {
      const request = both[at]
      if (request) browsers.receive(request)
    }
    expect([await a.whoami(), await b.whoami()].filter((user) => user === 'ann')).toHaveLength(1)
  })
})

describe('fence', () => {
  it('lets no login escape a revocation that came after the credentials were checked', async () => {
    const { browser, sessions } = world()
    const targets = ['ann', { tag: 'org:acme' }, { everyone: true } as const]
    for (const target of targets) {
      const fence = await sessions.fence('ann', { tags: ['org:acme'] })
      await sessions.revokeAll(target)
      const late = browser()
      await late.visit(async (session) => {
        const creating = session.create({ userId: 'ann', tags: ['org:acme'], fence })
        await expect(creating).rejects.toMatchObject(revoked)
      })
      expect(await late.whoami()).toBeUndefined()
      expect(await sessions.list('ann')).toEqual([])
    }
  })

  it('is good for a login that nothing overtook, also after a trip through JSON', async () => {
    const { browser, sessions } = world()
    await sessions.revokeAll('ann')
    const options = { tags: ['t'], federation: idp }
    const fence = await sessions.fence('ann', options)
    const carried = JSON.parse(JSON.stringify(fence)) as typeof fence
    const ann = browser()
    await ann.visit((session) => session.create({ userId: 'ann', ...options, fence: carried }))
    expect(await ann.whoami()).toBe('ann')
  })

  it('is refused for another user, for what it does not cover, and when it is old', async () => {
    const { browser, sessions, advance } = world()
    const fence = await sessions.fence('ann', { tags: ['a'] })
    for (const options of [
      { userId: 'bob', fence },
      { fence },
      { userId: 'ann', tags: ['b'], fence },
      { userId: 'ann', federation: idp, fence },
    ]) {
      await browser().visit(async (session) => {
        await expect(session.create(options)).rejects.toMatchObject(revoked)
      })
    }
    advance(15 * 60)
    await browser().visit((session) => session.create({ userId: 'ann', fence }))
    advance(0.001)
    await browser().visit(async (session) => {
      await expect(session.create({ userId: 'ann', fence })).rejects.toMatchObject(revoked)
    })
  })
})

describe('a login that a revocation overtakes', () => {
  it('between reading the epochs and the insert is deleted and rejected', async () => {
    const store = memoryStore()
    const { browser, sessions } = world({ store })
    const insert = store.insert.bind(store)
    store.insert = async (record) => {
      await sessions.revokeAll('ann')
      return insert(record)
    }
    const ann = browser()
    await ann.visit(async (session) => {
      await expect(session.create({ userId: 'ann' })).rejects.toMatchObject(revoked)
      expect(session.active).toBe(false)
    })
    expect(ann.cookie).toBeUndefined()
    expect(await store.list('user:ann', new Date(0))).toEqual([])
  })
})

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

  it('holds under 20 logins at once, for each user alone', async () => {
    const { browser, sessions } = world({ maxSessionsPerUser: 3 })
    const bob = browser()
    await bob.login('bob')
    await Promise.all(Array.from({ length: 20 }, () => browser().login('ann')))
    expect(await sessions.list('ann')).toHaveLength(3)
    expect(await bob.whoami()).toBe('bob')
  })
})

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

describe('a cookie that is not accepted', () => {
  it.each([
    ['__Host-session=x', 'malformed'],
    ['__Host-session=', 'malformed'],
    ['__Host-session=%E0%A4%A', 'malformed'],
    [`__Host-session=${'x'.repeat(100_000)}`, 'malformed'],
    ['__Host-session=\u0000\uffff', 'malformed'],
    ['__Host-session=a; __Host-session=b', 'malformed'],
  ])('%j is %s: not signed in, no error, no cookie', async (cookie, reason) => {
    const { browser, events } = world()
    const request = await browser().request({ cookie })
    expect(request.session.active).toBe(false)
    expect(request.queued).toBeUndefined()
    expect(events).toEqual([{ type: 'rejected', at: new Date(Date.UTC(2030, 0, 1)), reason }])
  })

  it('twice is refused even when one of them is good', async () => {
    const { browser, events } = world()
    const ann = browser()
    await ann.login('ann')
    const request = await browser().request({ cookie: `${ann.cookie}; ${ann.cookie}` })
    expect(request.session.active).toBe(false)
    expect(events.at(-1)).toMatchObject({ type: 'rejected', reason: 'malformed' })
    expect(await ann.whoami()).toBe('ann')
  })

  it.each([
    [{}, true],
    [{ 'sec-fetch-mode': 'navigate' }, true],
    [{ 'sec-fetch-mode': 'cors' }, false],
    [{ 'sec-fetch-mode': 'no-cors' }, false],
    [{ 'sec-fetch-mode': 'same-origin' }, false],
  ])('and is dead is cleared with %j: %s', async (headers, cleared) => {
    const { browser, sessions, events } = world()
    const ann = browser()
    const id = await ann.login('ann')
    await sessions.revokeAll('ann')
    const request = await ann.request(headers)
    expect(request.session.active).toBe(false)
    expect(request.queued?.setCookie.includes('Max-Age=0') ?? false).toBe(cleared)
    expect(events.at(-1)).toMatchObject({ type: 'rejected', reason: 'expired', sessionId: id })
    // What nobody asked for must not replace the cookie of a login made meanwhile.
    request.session.data['n'] = 1
    if (cleared) await request.session.save()
    else await expect(request.session.save()).rejects.toMatchObject(ended)
  })
})

describe('a listener that throws or rejects', () => {
  it.each([
    () => {
      throw new Error('listener')
    },
    () => Promise.reject(new Error('listener')),
  ])('changes no outcome', async (onEvent) => {
    const { browser, sessions } = world({ onEvent })
    const ann = browser()
    await ann.login('ann')
    expect(await ann.whoami()).toBe('ann')
    await ann.visit((session) => session.end())
    expect(await ann.whoami()).toBeUndefined()
    expect(await sessions.list('ann')).toEqual([])
  })
})

describe('events', () => {
  it('tell each thing once, with ids and never a secret', async () => {
    const { browser, sessions, events } = world()
    const ann = browser()
    await ann.visit((session) => session.create({ userId: 'ann', data: { pin: 'hunter2' } }))
    await ann.visit((session) => session.rotate())
    await ann.visit((session) => session.end())
    await ann.login('ann')
    await sessions.revokeAll('ann')
    await ann.whoami()
    expect(events.map(({ type }) => type)).toEqual([
      'created',
      'rotated',
      'ended',
      'created',
      'revoked',
      'rejected',
    ])
    expect(JSON.stringify(events)).not.toMatch(/hunter2|Fe26|secretHash|[\w-]{43}/)
  })
})

describe('secrets', () => {
  it('rotate: an older one still opens, a dropped one does not', async () => {
    const store = memoryStore()
    const [old, next] = ['an-older-secret-of-32-characters-', 'a-newer-secret-of-32-characters--']
    const before = world({ store, secrets: old })
    const ann = before.browser()
    await ann.login('ann')
    const during = new Browser(world({ store, secrets: [next, old] }).sessions)
    during.cookie = ann.cookie
    expect(await during.whoami()).toBe('ann')
    const after = new Browser(world({ store, secrets: [next] }).sessions)
    after.cookie = ann.cookie
    expect(await after.whoami()).toBeUndefined()
  })
})

describe('close', () => {
  it('sends the waiting touches, and leaves the store that it was given open', async () => {
    const store = memoryStore()
    const { browser, sessions, advance } = world({ store, touchAfter: 1 })
    const ann = browser()
    await ann.login('ann')
    advance(2)
    let touched = 0
    const touch = store.touch.bind(store)
    store.touch = async (touches, now) => {
      await touch(touches, now)
      touched += touches.length
    }
    await ann.whoami()
    await sessions.close()
    expect(touched).toBe(1)
    expect(await ann.whoami()).toBe('ann')
  })
})

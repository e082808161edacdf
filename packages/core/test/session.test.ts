import { describe, expect, it } from 'vitest'
import { memoryStore } from '../src/index.ts'
import type { Session } from '../src/index.ts'
import { world } from './support/browser.ts'

const ended = { code: 'ERR_SESSION_ENDED' }
const add = (key: string, value: unknown) => async (session: Session) => {
  session.data[key] = value
  await session.save()
}
const dataOf = async (session: Session): Promise<object> => ({ ...session.data })

describe('an anonymous visitor', () => {
  it('has a session object, no session, no cookie and no record', async () => {
    const { browser } = world()
    const request = await browser().request()
    const { active, id, userId, tags, data, createdAt, expiresAt } = request.session
    expect({ active, id, userId, tags, data, createdAt, expiresAt }).toEqual({
      active: false,
      id: undefined,
      userId: undefined,
      tags: [],
      data: {},
      createdAt: undefined,
      expiresAt: undefined,
    })
    expect(request.queued).toBeUndefined()
  })

  it('gets a session with the first save', async () => {
    const visitor = world().browser()
    await visitor.visit(add('cart', ['tea']))
    expect(await visitor.visit(dataOf)).toEqual({ cart: ['tea'] })
    expect(await visitor.visit(async (session) => session.active)).toBe(true)
    expect(await visitor.whoami()).toBeUndefined()
  })

  it('gets one with the first update too, with what was changed before', async () => {
    const visitor = world().browser()
    await visitor.visit(async (session) => {
      session.data['a'] = 1
      await session.update((data) => ({ ...data, b: 2 }))
      expect(session.data).toEqual({ b: 2, a: 1 })
      await session.save()
    })
    expect(await visitor.visit(dataOf)).toEqual({ a: 1, b: 2 })
  })

  it('whose request was in flight at the login cannot write into the session after it', async () => {
    const visitor = world().browser()
    await visitor.visit(add('cart', ['tea']))
    const [save, update, rotate] = [
      await visitor.request(),
      await visitor.request(),
      await visitor.request(),
    ]
    await visitor.login('ann')
    save.session.data['planted'] = 1
    await expect(save.session.save()).rejects.toMatchObject(ended)
    await expect(update.session.update(() => ({ planted: 1 }))).rejects.toMatchObject(ended)
    await expect(rotate.session.rotate()).rejects.toMatchObject(ended)
    expect([save.queued, update.queued, rotate.queued]).toEqual([undefined, undefined, undefined])
    expect(await visitor.visit(dataOf)).toEqual({ cart: ['tea'] })
    expect(await visitor.whoami()).toBe('ann')
  })

  it('keeps the cart at login, under a new secret and the same id', async () => {
    const { browser } = world()
    const visitor = browser()
    await visitor.visit(add('cart', ['tea']))
    const before = await visitor.visit(async (session) => session.id)
    const planted = browser()
    planted.cookie = visitor.cookie
    expect(await visitor.login('ann')).toBe(before)
    expect(await visitor.visit(dataOf)).toEqual({ cart: ['tea'] })
    expect(await planted.whoami()).toBeUndefined()
    expect(await visitor.whoami()).toBe('ann')
  })
})

describe('create', () => {
  it('carries nothing over from another user, and ends their session', async () => {
    const { browser, events } = world()
    const shared = browser()
    await shared.login('ann')
    await shared.visit(add('private', 1))
    const ann = browser()
    ann.cookie = shared.cookie
    await shared.visit(async (session) => {
      session.data['unsaved'] = 'also hers'
      await session.create({ userId: 'bob', data: { his: 1 } })
      expect(session.data).toEqual({ his: 1 })
    })
    expect(await shared.visit(dataOf)).toEqual({ his: 1 })
    expect(await ann.whoami()).toBeUndefined()
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'ended', reason: 'replaced', userId: 'ann' }),
    )
  })

  it('again by the same user rotates and starts both timeouts again', async () => {
    const { browser, advance } = world({ idleTimeout: 100, absoluteTimeout: 100 })
    const ann = browser()
    const id = await ann.login('ann')
    advance(60)
    expect(await ann.login('ann')).toBe(id)
    advance(60)
    expect(await ann.whoami()).toBe('ann')
  })

  it('without a user in a signed-in session starts an anonymous one', async () => {
    const ann = world().browser()
    await ann.login('ann')
    await ann.visit((session) => session.create())
    expect(await ann.visit(async ({ active, userId }) => [active, userId])).toEqual([
      true,
      undefined,
    ])
  })

  it('at the same time twice from one anonymous session gives two sessions', async () => {
    const { browser } = world()
    const visitor = browser()
    await visitor.visit(add('cart', ['tea']))
    const [first, second] = [await visitor.request(), await visitor.request()]
    await Promise.all([
      first.session.create({ userId: 'ann' }),
      second.session.create({ userId: 'ann' }),
    ])
    for (const request of [first, second]) {
      visitor.receive(request)
      expect(await visitor.whoami()).toBe('ann')
      expect(await visitor.visit(dataOf)).toEqual({ cart: ['tea'] })
    }
  })

  it.each([
    [{ userid: 'ann' }, 'userid'],
    [{ userId: '' }, 'userId'],
    [{ userId: 5 }, 'userId'],
    [{ userId: '\ud800' }, 'userId'],
    [{ tags: 'org:a' }, 'tags'],
    [{ tags: [''] }, 'tag'],
    [{ federation: { issuer: '', subject: 's' } }, 'issuer'],
    [{ device: { fingerprint: 'x' } }, 'fingerprint'],
  ])('refuses %j and ends nothing', async (options, part) => {
    const ann = world().browser()
    await ann.login('ann')
    await ann.visit(async (session) => {
      const creating = session.create(options as never)
      await expect(creating).rejects.toMatchObject({ code: 'ERR_CONFIG' })
      await expect(creating).rejects.toThrow(part)
    })
    expect(await ann.whoami()).toBe('ann')
  })

  it('with a cookie that browsers would drop leaves no record', async () => {
    const { browser, sessions } = world()
    await browser().visit(async (session) => {
      const tags = Array.from({ length: 200 }, (_, at) => `tag-number-${at}`)
      await expect(session.create({ userId: 'ann', tags })).rejects.toMatchObject({
        code: 'ERR_COOKIE_TOO_LARGE',
      })
      expect(session.active).toBe(false)
    })
    expect(await sessions.list('ann')).toEqual([])
  })
})

describe('save and update', () => {
  it('merge: two requests that change different keys both persist', async () => {
    const ann = world().browser()
    await ann.login('ann')
    const [first, second] = [await ann.request(), await ann.request()]
    first.session.data['a'] = 1
    second.session.data['b'] = 2
    await Promise.all([first.session.save(), second.session.save()])
    expect(await ann.visit(dataOf)).toEqual({ a: 1, b: 2 })
    await second.session.save()
    expect(second.session.data).toEqual({ a: 1, b: 2 })
  })

  it('remove keys, and leave those of others alone', async () => {
    const ann = world().browser()
    await ann.login('ann')
    await ann.visit(add('a', 1))
    const request = await ann.request()
    await ann.visit(add('b', 2))
    delete request.session.data['a']
    await request.session.save()
    expect(await ann.visit(dataOf)).toEqual({ b: 2 })
    expect(request.session.data).toEqual({ b: 2 })
  })

  it('update loses no count of 50 at once, and keeps what is not saved yet', async () => {
    const ann = world().browser()
    await ann.login('ann')
    const requests = await Promise.all(Array.from({ length: 50 }, () => ann.request()))
    await Promise.all(
      requests.map(async ({ session }) => {
        session.data['draft'] = true
        await session.update((data) => {
          data['n'] = Number(data['n'] ?? 0) + 1
        })
        expect(session.data['draft']).toBe(true)
      }),
    )
    expect(await ann.visit(dataOf)).toEqual({ n: 50 })
  })

  it('keep what changed while the write was under way', async () => {
    const ann = world().browser()
    await ann.login('ann')
    const { session } = await ann.request()
    session.data['a'] = 1
    const saving = session.save()
    session.data['b'] = 2
    await saving
    expect(session.data).toEqual({ a: 1, b: 2 })
    expect(await ann.visit(dataOf)).toEqual({ a: 1 })
    await session.save()
    expect(await ann.visit(dataOf)).toEqual({ a: 1, b: 2 })
  })

  it('refuse to use the session inside its own update', async () => {
    const ann = world().browser()
    await ann.login('ann')
    await ann.visit(async (session) => {
      await expect(session.update(async () => session.save())).rejects.toMatchObject({
        code: 'ERR_CONFIG',
      })
      await session.save()
    })
  })

  it('reject with the path of what is no JSON, and leave the session as it was', async () => {
    const ann = world().browser()
    await ann.login('ann')
    await ann.visit(async (session) => {
      session.data['bad'] = { inner: new Map() }
      await expect(session.save()).rejects.toMatchObject({
        code: 'ERR_DATA_INVALID',
        path: ['bad', 'inner'],
      })
      await session.rotate()
    })
    expect(await ann.whoami()).toBe('ann')
  })

  it('with a schema write only what it accepts', async () => {
    const schema = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value: unknown) =>
          typeof (value as { n?: unknown }).n === 'number'
            ? { value: value as Record<string, unknown> }
            : { issues: [{ message: 'no', path: [{ key: 'n' }] }] },
      },
    } as const
    const visitor = world({ schema }).browser()
    await visitor.visit(add('n', 1))
    await visitor.visit(async (session) => {
      session.data['n'] = 'one'
      await expect(session.save()).rejects.toMatchObject({ code: 'ERR_DATA_INVALID', path: ['n'] })
    })
    expect(await visitor.visit(dataOf)).toEqual({ n: 1 })
  })
})

describe('rotate', () => {
  it('gives a new secret under the same id; the old cookie stops at once and is not cleared', async () => {
    const { browser, events } = world()
    const ann = browser()
    const id = await ann.login('ann')
    const old = browser()
    old.cookie = ann.cookie
    await ann.visit((session) => session.rotate())
    expect(await ann.visit(async (session) => session.id)).toBe(id)
    const stale = await old.request()
    expect(stale.session.active).toBe(false)
    expect(stale.queued).toBeUndefined()
    expect(events.at(-1)).toMatchObject({ type: 'rejected', reason: 'stale-secret', sessionId: id })
    await expect(stale.session.save()).rejects.toMatchObject(ended)
    await expect(stale.session.update(() => {})).rejects.toMatchObject(ended)
    expect(stale.queued).toBeUndefined()
    expect(await ann.whoami()).toBe('ann')
  })

  it('has one winner of two at once', async () => {
    const ann = world().browser()
    await ann.login('ann')
    const [first, second] = [await ann.request(), await ann.request()]
    const results = await Promise.allSettled([first.session.rotate(), second.session.rotate()])
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    const [winner, loser] = results[0]?.status === 'fulfilled' ? [first, second] : [second, first]
    expect(loser.queued).toBeUndefined()
    ann.receive(winner)
    expect(await ann.whoami()).toBe('ann')
  })

  it('replaces the tags and nothing else', async () => {
    const { browser, sessions } = world()
    const ann = browser()
    await ann.visit((session) =>
      session.create({ userId: 'ann', tags: ['a', 'b'], data: { n: 1 } }),
    )
    await ann.visit((session) => session.rotate({ tags: ['b', 'c'] }))
    expect(await ann.visit(async ({ tags, userId, data }) => [tags, userId, data])).toEqual([
      ['b', 'c'],
      'ann',
      { n: 1 },
    ])
    await sessions.revokeAll({ tag: 'a' })
    expect(await ann.whoami()).toBe('ann')
    await sessions.revokeAll({ tag: 'c' })
    expect(await ann.whoami()).toBeUndefined()
  })

  it('rejects where there is nothing to rotate', async () => {
    await world()
      .browser()
      .visit(async (session) => {
        await expect(session.rotate()).rejects.toMatchObject(ended)
        await expect(session.reauthenticate()).rejects.toMatchObject(ended)
        await expect(session.revokeOthers()).rejects.toMatchObject(ended)
      })
  })
})

describe('reauthenticate', () => {
  it('makes the session fresh again', async () => {
    const { browser, advance, events } = world()
    const ann = browser()
    await ann.login('ann')
    advance(301)
    const fresh = async (session: Session): Promise<boolean> => session.isFresh(300)
    expect(await ann.visit(fresh)).toBe(false)
    const before = ann.cookie
    await ann.visit((session) => session.reauthenticate())
    expect(ann.cookie).not.toBe(before)
    expect(await ann.visit(fresh)).toBe(true)
    expect(events.at(-1)).toMatchObject({ type: 'reauthenticated', userId: 'ann' })
  })
})

describe('end', () => {
  it('empties the session, deletes the record and the cookie; again does nothing more', async () => {
    const { browser, sessions, events } = world()
    const ann = browser()
    await ann.login('ann')
    await ann.visit(add('n', 1))
    const thief = browser()
    thief.cookie = ann.cookie
    const request = await ann.request()
    const { session } = request
    const held = session.data
    await session.end()
    await session.end()
    expect({ active: session.active, data: session.data, id: session.id, held }).toEqual({
      active: false,
      data: {},
      id: undefined,
      held: {},
    })
    ann.receive(request)
    expect(ann.cookie).toBeUndefined()
    expect(await sessions.list('ann')).toEqual([])
    expect(await thief.whoami()).toBeUndefined()
    expect(events.filter(({ type }) => type === 'ended')).toHaveLength(1)
  })

  it('makes save, update and rotate reject', async () => {
    const ann = world().browser()
    await ann.login('ann')
    await ann.visit(async (session) => {
      await session.end()
      session.data['n'] = 1
      for (const call of [
        () => session.save(),
        () => session.update(() => {}),
        () => session.rotate(),
      ]) {
        await expect(call()).rejects.toMatchObject(ended)
      }
    })
    expect(ann.cookie).toBeUndefined()
  })

  it('wins over a save that was called before it and not awaited', async () => {
    const ann = world().browser()
    await ann.login('ann')
    const request = await ann.request()
    request.session.data['n'] = 1
    await Promise.all([request.session.save(), request.session.end()])
    const old = ann.cookie
    ann.receive(request)
    expect(ann.cookie).toBeUndefined()
    ann.cookie = old
    expect(await ann.whoami()).toBeUndefined()
  })

  it('that nobody awaits has queued the deletion cookie when it returns', async () => {
    const ann = world().browser()
    await ann.login('ann')
    const request = await ann.request()
    const ending = request.session.end()
    expect(request.queued?.setCookie).toContain('Max-Age=0')
    await ending
  })

  it('ends a session whose cookie was rotated away meanwhile', async () => {
    const { browser, sessions } = world()
    const ann = browser()
    await ann.login('ann')
    const logout = await ann.request()
    const late = browser()
    late.cookie = ann.cookie
    await ann.visit((session) => session.rotate())
    await logout.session.end()
    expect(await ann.whoami()).toBeUndefined()
    await ann.login('ann')
    late.cookie = ann.cookie
    await ann.visit((session) => session.rotate())
    const stale = await late.request()
    await stale.session.end()
    late.receive(stale)
    expect(late.cookie).toBeUndefined()
    expect(await sessions.list('ann')).toEqual([])
  })

  it('clears a cookie that was never ours', async () => {
    const visitor = world().browser()
    visitor.cookie = '__Host-session=forged'
    await visitor.visit((session) => session.end())
    expect(visitor.cookie).toBeUndefined()
  })

  it('can be followed by a new login in the same request', async () => {
    const ann = world().browser()
    await ann.login('ann')
    await ann.visit(async (session) => {
      await session.end()
      await session.create({ userId: 'bob' })
    })
    expect(await ann.whoami()).toBe('bob')
  })

  it.each([
    [true, '"cache", "storage"'],
    [['*'], '"*"'],
    [['cookies', 'cache'], '"cookies", "cache"'],
    [false, undefined],
  ])('with clearSiteData %j sends %s', async (clearSiteData, expected) => {
    const request = await world().browser().request()
    await request.session.end({ clearSiteData: clearSiteData as true })
    expect(request.queued?.clearSiteData).toBe(expected)
  })

  it('refuses a clearSiteData that browsers do not know', async () => {
    const { session } = await world().browser().request()
    const ending = session.end({ clearSiteData: ['everything' as 'cache'] })
    await expect(ending).rejects.toMatchObject({ code: 'ERR_CONFIG' })
  })
})

describe('after the headers were sent', () => {
  it('nothing that needs a cookie is begun', async () => {
    const { browser, sessions } = world()
    const request = await browser().request()
    request.sendHeaders()
    const late = { code: 'ERR_HEADERS_SENT' }
    await expect(request.session.create({ userId: 'ann' })).rejects.toMatchObject(late)
    await expect(request.session.save()).rejects.toMatchObject(late)
    expect(await sessions.list('ann')).toEqual([])
    const ann = browser()
    await ann.login('ann')
    const second = await ann.request()
    second.sendHeaders()
    await expect(second.session.rotate()).rejects.toMatchObject(late)
    await expect(second.session.revokeOthers()).rejects.toMatchObject(late)
    second.session.data['n'] = 1
    await second.session.save()
    expect(await ann.visit(dataOf)).toEqual({ n: 1 })
  })

  it('end deletes the record and says that the cookie stayed', async () => {
    const { browser } = world()
    const ann = browser()
    await ann.login('ann')
    const request = await ann.request()
    request.sendHeaders()
    await expect(request.session.end()).rejects.toMatchObject({
      code: 'ERR_HEADERS_SENT',
      record: 'deleted',
    })
    expect(await ann.whoami()).toBeUndefined()
  })

  it('a session created meanwhile is taken back', async () => {
    const store = memoryStore()
    const { browser, sessions } = world({ store })
    const request = await browser().request()
    const creating = request.session.create({ userId: 'ann' })
    request.sendHeaders()
    await expect(creating).rejects.toMatchObject({ code: 'ERR_HEADERS_SENT' })
    expect(await sessions.list('ann')).toEqual([])
  })
})

describe('a session object', () => {
  it('shows no secret and no data when it is printed', async () => {
    const { inspect } = await import('node:util')
    const { browser, sessions } = world()
    const ann = browser()
    await ann.login('ann')
    await ann.visit(add('pin', 'hunter2'))
    const { session } = await ann.request()
    const printed = [session, sessions].flatMap((value) => [
      inspect(value, { depth: 9, showHidden: true }),
      JSON.stringify(value),
    ])
    for (const text of printed) {
      expect(text).not.toMatch(/hunter2|secret|Fe26/i)
    }
  })
})

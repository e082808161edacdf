import { describe, expect, it } from 'vitest'
import type { Session } from '../src/index.ts'
import { world } from './support/browser.ts'
import { add, dataOf } from './support/handlers.ts'

const ended = { code: 'ERR_SESSION_ENDED' }

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

  it.each([
    ['a cookie that is too large', { tags: ['x'.repeat(2000), 'y'.repeat(2000)] }],
    ['data that is no JSON', { data: { a: 1n } }],
    ['data that is no object', { data: [1] }],
    ['a fence of another user', { fence: { userId: 'eve', takenAt: 0, groups: [] } }],
    ['a device of something else', { device: { label: 5 } }],
  ])('that fails for %s leaves the session of another user alone', async (_name, options) => {
    const { browser, sessions } = world()
    const ann = browser()
    await ann.login('ann')
    const request = await ann.request()
    const creating = request.session.create({ userId: 'bob', ...options } as never)
    await expect(creating).rejects.toThrow()
    expect(request.queued).toBeUndefined()
    expect(request.session.userId).toBe('ann')
    expect(await ann.whoami()).toBe('ann')
    expect(await sessions.list('bob')).toEqual([])
  })

  it('ends the session of another user whose cookie was rotated away', async () => {
    const { browser } = world()
    const [shared, other] = [browser(), browser()]
    await other.login('ann')
    shared.cookie = other.cookie
    await other.visit((session) => session.rotate())
    await shared.login('bob')
    expect(await shared.whoami()).toBe('bob')
    expect(await other.whoami()).toBeUndefined()
  })

  it('shows the new data alone, where keys are the same', async () => {
    const shared = world().browser()
    await shared.login('ann')
    await shared.visit(add('cart', ['hers']))
    await shared.visit(async (session) => {
      const { data } = session
      expect(data['cart']).toEqual(['hers'])
      await session.create({ userId: 'bob', data: { cart: ['his'] } })
      expect(data).toEqual({ cart: ['his'] })
      await session.save()
    })
    expect(await shared.visit(dataOf)).toEqual({ cart: ['his'] })
  })

  it('takes a device of which some is unknown', async () => {
    const { browser, sessions } = world()
    const device = { label: 'Phone', ip: undefined }
    await browser().visit((session) => session.create({ userId: 'ann', device }))
    expect(await sessions.list('ann')).toMatchObject([{ device: { label: 'Phone' } }])
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
    [{ federation: { issuer: 'i', subject: 's', sid: null } }, 'sid'],
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
  it('needs somebody who was authenticated', async () => {
    const visitor = world().browser()
    await visitor.visit(add('n', 1))
    await visitor.visit(async (session) => {
      await expect(session.reauthenticate()).rejects.toMatchObject(ended)
      expect(session.isFresh(60)).toBe(false)
    })
  })

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

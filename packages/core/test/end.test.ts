import { describe, expect, it } from 'vitest'
import { memoryStore } from '../src/index.ts'
import type { Session } from '../src/index.ts'
import { faultyStore } from '../src/testing/index.ts'
import { world } from './support/browser.ts'
import { add, dataOf } from './support/handlers.ts'

const ended = { code: 'ERR_SESSION_ENDED' }

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

  it('that nobody awaits wins over a save that nobody awaits', async () => {
    const ann = world().browser()
    await ann.login('ann')
    const request = await ann.request()
    request.session.data['n'] = 1
    const saving = request.session.save()
    const ending = request.session.end()
    expect(request.queued?.setCookie).toContain('Max-Age=0')
    request.sendHeaders()
    await Promise.all([saving, ending])
    expect(await ann.whoami()).toBeUndefined()
  })

  it.each([
    ['rotate', (session: Session) => session.rotate()],
    ['create', (session: Session) => session.create({ userId: 'ann' })],
  ])(
    'that nobody awaits keeps its deletion, whatever a %s before it hands out',
    async (_name, call) => {
      const ann = world().browser()
      await ann.login('ann')
      const request = await ann.request()
      const before = call(request.session)
      const ending = request.session.end()
      await before
      expect(request.queued?.setCookie).toContain('Max-Age=0')
      request.sendHeaders()
      await ending
      expect(await ann.whoami()).toBeUndefined()
    },
  )

  it('keeps what it has ended, though an update before it is acknowledged late', async () => {
    const store = faultyStore(memoryStore())
    const { browser } = world({ store })
    const ann = browser()
    await ann.login('ann')
    const request = await ann.request()
    const { session } = request
    store.pause('delete')
    let ending: Promise<void> | undefined
    const updating = session.update((data) => {
      ending = session.end()
      data['n'] = 1
    })
    const rotating = session.rotate()
    await updating
    expect(session.active).toBe(false)
    await expect(rotating).rejects.toMatchObject(ended)
    store.restore()
    await ending
    expect(request.queued?.setCookie).toContain('Max-Age=0')
    expect(await ann.whoami()).toBeUndefined()
  })

  it('is not kept waiting by an update that is under way, and wins over it', async () => {
    const ann = world().browser()
    await ann.login('ann')
    const { session } = await ann.request()
    let goOn = (): void => {}
    const updating = session.update(async (data) => {
      await new Promise<void>((resolve) => {
        goOn = resolve
      })
      data['n'] = 1
    })
    while (String(goOn) === '() => {}') await new Promise(setImmediate)
    await session.end()
    goOn()
    await expect(updating).rejects.toMatchObject(ended)
    expect(session.active).toBe(false)
    expect(await ann.whoami()).toBeUndefined()
  })

  it('wins over an update that would start a session', async () => {
    const visitor = world().browser()
    const request = await visitor.request()
    await expect(
      request.session.update(async (data) => {
        data['n'] = 1
        await request.session.end()
      }),
    ).rejects.toMatchObject(ended)
    expect(request.queued?.setCookie).toContain('Max-Age=0')
  })

  it('ends a session whose data somebody has frozen', async () => {
    const ann = world().browser()
    await ann.login('ann')
    await ann.visit(add('n', 1))
    await ann.visit(async (session) => {
      Object.freeze(session.data)
      await session.save()
      await session.end()
      expect(session.data).toEqual({})
    })
    expect(await ann.whoami()).toBeUndefined()
  })

  it('twice still clears what the first was asked to clear', async () => {
    const request = await world().browser().request()
    await request.session.end({ clearSiteData: true })
    await request.session.end()
    expect(request.queued?.clearSiteData).toBe('"cache", "storage"')
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

  it.each([
    ['was never ours', '__Host-session=forged'],
    ['is there twice', '__Host-session=a; __Host-session=b'],
  ])('clears a cookie that %s', async (_what, cookie) => {
    const visitor = world().browser()
    visitor.cookie = cookie
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

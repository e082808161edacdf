import { sealData } from 'iron-session'
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../src/index.ts'
import { Browser, SECRET, world } from './support/browser.ts'

const ended = { code: 'ERR_SESSION_ENDED' }

describe('a cookie that is not accepted', () => {
  it.each([
    ['of a letter', '=x'],
    ['of nothing', '='],
    ['with half an escape', '=%E0%A4%A'],
    ['of 100 kB', `=${'x'.repeat(100_000)}`],
    ['of control characters', '=\u0000\uffff'],
    ['beside another', '=a; __Host-session=b'],
  ])('%s is malformed: not signed in, no error, no cookie', async (_what, value) => {
    const { browser, events } = world()
    const request = await browser().request({ cookie: `__Host-session${value}` })
    expect(request.session.active).toBe(false)
    expect(request.queued).toBeUndefined()
    expect(events).toStrictEqual([
      { type: 'rejected', at: new Date(Date.UTC(2030, 0, 1)), reason: 'malformed' },
    ])
  })

  it('and whose seal has expired is dead too, though nobody can tell whose it was', async () => {
    const seal = await sealData({ id: 'x' }, { password: SECRET, ttl: -120 })
    const { browser, events } = world()
    const cookie = `__Host-session=${seal}`
    const fetched = await browser().request({ cookie, 'sec-fetch-mode': 'cors' })
    await expect(fetched.session.save()).rejects.toMatchObject(ended)
    expect(fetched.queued).toBeUndefined()
    const page = await browser().request({ cookie })
    expect(page.queued?.setCookie).toContain('Max-Age=0')
    expect(events.at(-1)).toMatchObject({ type: 'rejected', reason: 'expired' })
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
    expect(request.queued?.setCookie?.includes('Max-Age=0') ?? false).toBe(cleared)
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

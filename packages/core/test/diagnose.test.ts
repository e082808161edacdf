import { beforeEach, describe, expect, it, vi } from 'vitest'
import { faultyStore } from '../src/testing/index.ts'
import { createSessions, memoryStore, type Diagnosis } from '../src/index.ts'
import { keepSession, keptSession } from '../src/binding.ts'
import { keptOthers } from '../src/kept-sessions.ts'
import { Browser, world } from './support/browser.ts'

const codesOf = ({ findings }: Diagnosis): string[] => findings.map(({ code }) => code)

/** A request that the middleware has seen, as far as `diagnose` can tell. */
async function requestOf(
  browser: Browser,
  sessions: ReturnType<typeof world>['sessions'],
  headers: Record<string, string> = {},
): Promise<Request> {
  const cookie: Record<string, string> = browser.cookie ? { cookie: browser.cookie } : {}
  const request = new Request('http://localhost/', { headers: { ...cookie, ...headers } })
  keepSession(request, sessions, (await browser.request(headers)).session)
  return request
}

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {})
})

describe('diagnose says of a request', () => {
  it('that all is well: it is signed in, as which session', async () => {
    const { sessions, browser } = world()
    const ann = browser()
    const id = await ann.login('ann')
    expect(await sessions.diagnose(await requestOf(ann, sessions))).toEqual({
      signedIn: true,
      sessionId: id,
      cookieName: '__Host-session',
      findings: [],
    })
  })

  it('why its cookie is not accepted', async () => {
    const { sessions, browser, advance } = world({ idleTimeout: 60, absoluteTimeout: 600 })
    const diagnose = async (cookie: string | undefined): Promise<string[]> => {
      const visitor = browser()
      visitor.cookie = cookie
      return codesOf(await sessions.diagnose(await requestOf(visitor, sessions)))
    }
    const login = async (): Promise<Browser> => {
      const visitor = browser()
      await visitor.login('ann')
      return visitor
    }
    expect(await diagnose(undefined)).toEqual(['no-cookie'])
    expect(await diagnose('__Host-session=x')).toEqual(['malformed'])

    const ended = await login()
    const before = ended.cookie
    await ended.visit((session) => session.end())
    expect(await diagnose(before)).toEqual(['gone'])

    const rotated = await login()
    const old = rotated.cookie
    await rotated.visit((session) => session.rotate())
    expect(await diagnose(old)).toEqual(['stale'])

    const idle = await login()
    advance(61)
    const unseen = { headers: { cookie: idle.cookie } }
    expect(codesOf(await sessions.diagnose(unseen))).toEqual(['expired', 'no-middleware'])
    expect(await diagnose(idle.cookie)).toEqual(['gone'])

    const other = new Browser(createSessions({ secrets: 'another-secret-of-32-characters-00' }))
    await other.login('ann')
    expect(await diagnose(other.cookie)).toEqual(['forged'])

    expect(await diagnose('__Host-session=a; __Host-session=b')).toEqual(['duplicate-cookie'])
  })

  it('that a header that is too long to be looked at is malformed, as the app hears too', async () => {
    const { sessions, browser, events } = world()
    const visitor = browser()
    visitor.cookie = `a=${'x'.repeat(65_536)}`
    expect(await visitor.whoami()).toBeUndefined()
    expect(events.at(-1)).toMatchObject({ type: 'rejected', reason: 'malformed' })
    expect(await sessions.diagnose({ headers: { cookie: visitor.cookie } })).toMatchObject({
      findings: [{ code: 'malformed' }, {}],
    })
  })

  it('that its session was revoked, where the record is still there', async () => {
    const store = faultyStore(memoryStore())
    const { sessions, browser } = world({ store })
    const ann = browser()
    await ann.login('ann')
    store.fail('purge')
    await expect(sessions.revokeAll('ann')).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
    expect(codesOf(await sessions.diagnose(await requestOf(ann, sessions)))).toEqual(['revoked'])
  })

  it('that the store does not answer, and does not reject', async () => {
    const store = faultyStore(memoryStore())
    const { sessions, browser } = world({ store })
    const ann = browser()
    await ann.login('ann')
    const request = await requestOf(ann, sessions)
    store.fail('read')
    expect(await sessions.diagnose(request)).toMatchObject({
      signedIn: false,
      findings: [{ code: 'store-unavailable' }],
    })
  })

  it('that its cookie has the name under another configuration, or was kept back', async () => {
    const { sessions, browser } = world()
    const diagnose = async (headers: Record<string, string>): Promise<string[]> =>
      codesOf(await sessions.diagnose(await requestOf(browser(), sessions, headers)))
    expect(await diagnose({ cookie: 'session=x' })).toEqual(['no-cookie', 'other-prefix'])
    expect(await diagnose({ 'sec-fetch-site': 'cross-site' })).toEqual(['no-cookie', 'cross-site'])
  })

  it('that the middleware has not run for it', async () => {
    const { sessions } = world()
    const request = { headers: { cookie: 'theme=dark' } }
    expect(codesOf(await sessions.diagnose(request))).toEqual(['no-cookie', 'no-middleware'])
  })

  it('that its data was changed and not saved', async () => {
    const { sessions, browser } = world()
    const { session } = await browser().request()
    const request = { headers: {} }
    keepSession(request, sessions, session)
    session.data['theme'] = 'dark'
    expect(codesOf(await sessions.diagnose(request))).toEqual(['no-cookie', 'unsaved-data'])
  })

  it('that its data was changed again, after a save or beside an update', async () => {
    const { sessions, browser } = world()
    const { session } = await browser().request()
    const request = { headers: {} }
    keepSession(request, sessions, session)
    const isUnsaved = async (): Promise<boolean> =>
      codesOf(await sessions.diagnose(request)).includes('unsaved-data')
    session.data['theme'] = 'dark'
    await session.save()
    expect(await isUnsaved()).toBe(false)
    session.data['theme'] = 'light'
    expect(await isUnsaved()).toBe(true)
    await session.update((data) => {
      data['visits'] = 1
    })
    expect(await isUnsaved()).toBe(true)
    await session.save()
    expect(await isUnsaved()).toBe(false)
  })

  it('nothing that it must not tell, and leaves no trace', async () => {
    const store = faultyStore(memoryStore())
    const { sessions, browser, events, advance } = world({ store, idleTimeout: 60 })
    const ann = browser()
    await ann.visit((session) => session.create({ userId: 'ann', data: { card: '4242' } }))
    const request = await requestOf(ann, sessions)
    advance(61)
    const [before, told] = [store.calls.length, events.length]
    const diagnosis = await sessions.diagnose(request)
    expect(codesOf(diagnosis)).toEqual(['expired'])
    expect(JSON.stringify(diagnosis)).not.toMatch(/Fe26|4242/)
    expect(store.calls.slice(before).map(({ operation }) => operation)).toEqual(['read'])
    expect(events).toHaveLength(told)
  })

  it('the same of a request whose headers are lists', async () => {
    const { sessions, browser } = world()
    const ann = browser()
    await ann.login('ann')
    const cookie = ['theme=dark', ann.cookie!]
    expect(await sessions.diagnose({ headers: { cookie } })).toMatchObject({ signedIn: true })
  })

  it('nothing new of headers that no request has', async () => {
    const { sessions } = world()
    const headers = { cookie: 5, origin: null } as never
    expect(codesOf(await sessions.diagnose({ headers }))).toEqual(['no-cookie', 'no-middleware'])
  })

  it('refuses what is no request', async () => {
    const { sessions } = world()
    for (const wrong of [undefined, null, {}, 'x', { headers: null }]) {
      await expect(sessions.diagnose(wrong as never)).rejects.toMatchObject({ code: 'ERR_CONFIG' })
    }
  })
})

describe('a request keeps', () => {
  it('one session of each Sessions, however often it is loaded', async () => {
    const { sessions, browser } = world()
    const other = world()
    const request = {}
    const theirs = (await other.browser().request()).session
    keepSession(request, other.sessions, theirs)
    keepSession(request, sessions, (await browser().request()).session)
    const last = (await browser().request()).session
    keepSession(request, sessions, last)
    expect(keptSession(request, sessions)).toBe(last)
    expect(keptOthers(request, other.sessions)).toEqual([last])
    expect(keptOthers(request, sessions)).toEqual([theirs])
  })
})

describe('in development, a warning', () => {
  const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0'
  const warnings = (): string[] => vi.mocked(console.warn).mock.calls.map(([text]) => String(text))

  it.each<[string, Record<string, string>, boolean]>([
    ['plain http', { 'user-agent': FIREFOX, origin: 'http://shop.test' }, true],
    ['plain http, by a link', { 'user-agent': FIREFOX }, true],
    ['https', { 'user-agent': FIREFOX, 'sec-fetch-site': 'same-origin' }, false],
    ['https, an old browser', { 'user-agent': FIREFOX, origin: 'https://shop.test' }, false],
    [
      'https, an old browser that has it',
      { 'user-agent': FIREFOX, cookie: '__Host-session=x' },
      false,
    ],
    ['no browser', { 'user-agent': 'curl/8.0' }, false],
    ['nothing is known', {}, false],
  ])('of a Secure cookie over %s', async (_name, headers, isWarned) => {
    const { browser, sessions } = world()
    const login = (): Promise<void> =>
      browser().visit((session) => session.create({ userId: 'ann' }), headers)
    await login()
    await login()
    expect(warnings().length).toBe(isWarned ? 1 : 0)
    if (isWarned) expect(warnings()[0]).toMatch(/cookie is Secure/)
    const diagnosis = await sessions.diagnose({ headers })
    expect(codesOf(diagnosis).includes('insecure-request')).toBe(isWarned)
  })

  it('of no cookie that is not Secure, or not sent', async () => {
    const headers = { 'user-agent': FIREFOX }
    await world({ cookie: { secure: false } })
      .browser()
      .visit((session) => session.create({ userId: 'ann' }), headers)
    await world()
      .browser()
      .visit(async (session) => session.active, headers)
    expect(warnings()).toEqual([])
  })

  it('of two cookies of the name, unless the app has said which one is to go', async () => {
    const cookie = '__Secure-session=a; __Secure-session=b'
    const previous = [{ name: '__Secure-session', path: '/' }]
    const known = world({ cookie: { path: '/shop', previous } })
    await known.browser().request({ cookie })
    expect(warnings()).toEqual([])
    const unknown = world({ cookie: { path: '/shop' } })
    await unknown.browser().request({ cookie })
    await unknown.browser().request({ cookie })
    expect(warnings()).toEqual([expect.stringMatching(/two cookies of the session/)])
  })

  it('is not given in production', async () => {
    vi.stubEnv('NODE_ENV', 'production')
    const { browser } = world({ store: memoryStore() })
    await browser().request({ cookie: '__Host-session=a; __Host-session=b' })
    const headers = { 'user-agent': FIREFOX }
    await browser().visit((session) => session.create({ userId: 'ann' }), headers)
    expect(warnings()).toEqual([])
  })
})

import { afterEach, describe, expect, it, vi } from 'vitest'
import { createSessions, memoryStore, SessionError } from '../src/index.ts'
import { Browser, SECRET } from './support/browser.ts'

function messageOf(options: object): string {
  try {
    createSessions(options as never)
  } catch (error) {
    expect(error).toBeInstanceOf(SessionError)
    expect(error).toMatchObject({ code: 'ERR_CONFIG' })
    return (error as Error).message
  }
  throw new Error('accepted')
}

async function cookieOf(cookie: object): Promise<string> {
  const sessions = createSessions({ secrets: SECRET, cookie })
  const request = await new Browser(sessions).request()
  await request.session.create({ userId: 'u' })
  return request.queued?.setCookie?.replace(/=Fe26[^;]*/, '=…') ?? ''
}

afterEach(() => vi.unstubAllEnvs())

describe('createSessions', () => {
  it('names every mistake at once', () => {
    const message = messageOf({
      secrets: ['too short'],
      idleTimeout: 0,
      absoluteTimeout: 400 * 86_400,
      touchAfter: -1,
      maxSessionsPerUser: 1.5,
      cookie: { path: 'no-slash', httpOnly: false, sameSite: 'Lax' },
      schema: {},
      onEvent: 'log',
      store: {},
      ttl: 1,
    })
    for (const part of [
      'secrets must',
      'idleTimeout must',
      'absoluteTimeout must',
      'touchAfter must',
      'maxSessionsPerUser must',
      'cookie.path must',
      'cookie.httpOnly is not an option',
      'cookie.sameSite must',
      'schema must',
      'onEvent must',
      'store must',
      'ttl is not an option',
    ]) {
      expect(message).toContain(part)
    }
  })

  it('never shows a value, a secret least of all', () => {
    expect(messageOf({ secrets: ['hunter2'], idleTimeout: 'hunter2' })).not.toContain('hunter2')
  })

  it.each([
    [undefined, 'secrets is missing'],
    [{ secrets: [] }, 'secrets must'],
    [{ secrets: SECRET, idleTimeout: 60, touchAfter: 60 }, 'touchAfter must be less'],
    [{ secrets: SECRET, cookie: { secure: false, sameSite: 'none' } }, 'needs secure'],
    [{ secrets: SECRET, cookie: { secure: false, partitioned: true } }, 'needs secure'],
    [{ secrets: SECRET, cookie: { name: '__Host-a', domain: 'a.example' } }, '__Host-'],
    [{ secrets: SECRET, cookie: { name: '__Secure-a' } }, '__Secure-'],
    [{ secrets: SECRET, cookie: { domain: 'a b' } }, 'domain'],
    [{ secrets: SECRET, cookie: { path: '/;x' } }, 'path'],
    [{ secrets: SECRET, cookie: { name: 'a;b' } }, 'cookie.name'],
    [{ secrets: SECRET, cookie: 'yes' }, 'cookie must be'],
    [{ secrets: SECRET, onInvalidData: 'ignore' }, 'onInvalidData must'],
    [{ secrets: SECRET, maxDataSize: 0 }, 'maxDataSize must'],
    [{ secrets: SECRET, maxDataSize: 4 * 1024 * 1024 + 1 }, 'maxDataSize must'],
    [{ secrets: SECRET, onLimit: 'end-newest' }, 'onLimit must'],
  ])('refuses %j', (options, part) => {
    expect(messageOf(options as object)).toContain(part)
  })

  it.each([
    ['yes', 'cookie.previous must be a list'],
    [[null], 'cookie.previous[0].name is missing'],
    [['connect.sid'], 'cookie.previous[0].'],
    [[{ name: '' }], 'cookie.previous[0].name must'],
    [[{ name: 'a b' }], 'cookie.previous[0].'],
    [[{ name: 'a', secure: true }], 'cookie.previous[0].secure is not an option'],
    [[{ name: 'a' }, { name: 'b', path: 'shop' }], 'cookie.previous[1].path must'],
    [[{ name: 'a', path: '/;x' }], 'cookie.previous[0].'],
    [[{ name: 'a', domain: '' }], 'cookie.previous[0].domain must'],
    [[{ name: 'a', domain: 'a b' }], 'cookie.previous[0].'],
    [[{ name: 'a' }, { name: 'a', path: '/shop' }], 'cookie.previous[1].name is there twice'],
    [[{ name: '__Host-session' }], 'cookie.previous[0].name, path and domain are those'],
    [[{ name: '__Host-a', path: '/shop' }], 'cookie.previous[0].name begins with __Host-'],
    [[{ name: '__Host-a', domain: 'a.example' }], 'cookie.previous[0].name begins with __Host-'],
  ])('refuses the earlier cookies %j', (previous, part) => {
    expect(messageOf({ secrets: SECRET, cookie: { previous } })).toContain(part)
  })

  it('takes an earlier cookie of the present name with another path or domain', () => {
    for (const given of [{ path: '/shop' }, { domain: 'a.example' }]) {
      const cookie = { domain: 'b.example', previous: [{ name: '__Secure-session', ...given }] }
      expect(() => createSessions({ secrets: SECRET, cookie })).not.toThrow()
    }
  })

  it('does not change or keep what it was given', () => {
    const cookie = Object.freeze({ name: 'a' })
    const options = Object.freeze({ secrets: Object.freeze([SECRET]), cookie })
    expect(() => createSessions(options)).not.toThrow()
  })
})

describe('the cookie', () => {
  it.each([
    [{}, '__Host-session=…; Max-Age=86400; Path=/; HttpOnly; Secure; SameSite=Lax'],
    [{ name: 'id' }, '__Host-id=…; Max-Age=86400; Path=/; HttpOnly; Secure; SameSite=Lax'],
    [{ name: '__Host-id' }, '__Host-id=…; Max-Age=86400; Path=/; HttpOnly; Secure; SameSite=Lax'],
    [
      { domain: 'a.example' },
      '__Secure-session=…; Max-Age=86400; Domain=a.example; Path=/; HttpOnly; Secure; SameSite=Lax',
    ],
    [
      { path: '/app' },
      '__Secure-session=…; Max-Age=86400; Path=/app; HttpOnly; Secure; SameSite=Lax',
    ],
    [{ secure: false }, 'session=…; Max-Age=86400; Path=/; HttpOnly; SameSite=Lax'],
    [{ persistent: false }, '__Host-session=…; Path=/; HttpOnly; Secure; SameSite=Lax'],
    [
      { partitioned: true, sameSite: 'none' },
      '__Host-session=…; Max-Age=86400; Path=/; HttpOnly; Secure; Partitioned; SameSite=None',
    ],
  ])('with %j is %s', async (cookie, expected) => {
    expect(await cookieOf(cookie)).toBe(expected)
  })
})

describe('the default store', () => {
  it('warns in production, once, and only there', () => {
    const warning = vi.spyOn(console, 'warn').mockImplementation(() => {})
    createSessions({ secrets: SECRET })
    vi.stubEnv('NODE_ENV', 'production')
    createSessions({ secrets: SECRET, store: memoryStore() })
    expect(warning).not.toHaveBeenCalled()
    createSessions({ secrets: SECRET })
    expect(warning).toHaveBeenCalledOnce()
  })
})

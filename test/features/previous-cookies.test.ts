import type { CookieOptions } from '@adjourn/core'
import { expect, it } from 'vitest'
import { Browser, DELETED, onEachAppAndStore, type Handle, type Node, put } from './support.ts'

const GONE = 'Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax'
const EXPRESS_SESSION = `connect.sid=; Max-Age=0; Path=/; ${GONE}`
const SUBDOMAINS = `__Secure-session=; Max-Age=0; Domain=example.com; Path=/shop; ${GONE}`

const earlier: CookieOptions = {
  previous: [
    { name: 'connect.sid' },
    { name: '__Secure-session', domain: 'example.com', path: '/shop' },
  ],
}

/** The cookie had the path / before. */
const moved: CookieOptions = { path: '/shop', previous: [{ name: '__Secure-session' }] }
const AT_ROOT = `__Secure-session=; Max-Age=0; Path=/; ${GONE}`
const AT_SHOP = `__Secure-session=; Max-Age=0; Path=/shop; ${GONE}`
const NEW = expect.stringMatching(
  /^__Secure-session=Fe26[^;]+; Max-Age=86400; Path=\/shop;/,
) as string

const nothing: Handle<object, void> = () => {}
const setCookies = async (
  node: Node,
  cookie: string,
  handle: Handle<Record<string, unknown>, unknown> = nothing,
): Promise<readonly string[]> => (await node.ask(handle, { cookie })).setCookies

onEachAppAndStore('previous-cookies', (world) => {
  it('earlier cookies that a request brings are deleted, with their own path and domain, and no others', async () => {
    const here = await world().node({ cookie: earlier })
    expect(await setCookies(here, 'connect.sid=s%3Aabc')).toEqual([EXPRESS_SESSION])
    expect(await setCookies(here, 'a=1; __Secure-session=x')).toEqual([SUBDOMAINS])
    expect(await setCookies(here, '__Secure-session=x; connect.sid=y')).toEqual([
      EXPRESS_SESSION,
      SUBDOMAINS,
    ])
    for (const cookie of ['', 'theme=dark', 'xconnect.sid=1', 'a=connect.sid=1']) {
      expect(await setCookies(here, cookie)).toEqual([])
    }
  })

  it('where the cookie is not Secure, earlier ones with a prefix are deleted as Secure all the same', async () => {
    const here = await world().node({ cookie: { ...earlier, secure: false } })
    expect(await setCookies(here, '__Secure-session=x; connect.sid=y')).toEqual([
      EXPRESS_SESSION.replace(' Secure;', ''),
      SUBDOMAINS,
    ])
  })

  it('deletions of earlier cookies go out beside what becomes of the session cookie', async () => {
    const here = await world().node({ cookie: earlier })
    const ann = new Browser()
    const own = expect.stringMatching(/^__Host-session=Fe26/) as string
    const login: Handle<object, void> = (session) => session.create({ userId: 'ann' })
    expect((await setCookies(here, 'connect.sid=x', login)).toSorted()).toEqual([
      own,
      EXPRESS_SESSION,
    ])
    await ann.login(here, 'ann')
    const both = `${ann.cookie}; connect.sid=x`
    expect(await setCookies(here, both, (session) => session.userId)).toEqual([EXPRESS_SESSION])
    expect((await setCookies(here, both, (session) => session.end())).toSorted()).toEqual([
      DELETED,
      EXPRESS_SESSION,
    ])
  })

  it("they go with redirects and errors too, and leave the app's own cookies alone", async () => {
    const here = await world().node({ cookie: earlier })
    const redirected = await here.ask(
      (_session, reply) => {
        reply.addHeader('set-cookie', 'theme=dark')
        return reply.redirect('/next')
      },
      { cookie: 'connect.sid=x' },
    )
    expect(redirected).toMatchObject({ status: 302, setCookies: ['theme=dark', EXPRESS_SESSION] })
    const failed = await here.ask((session) => session.rotate(), { cookie: 'connect.sid=x' })
    expect(failed).toMatchObject({ status: 401, setCookies: [EXPRESS_SESSION] })
  })

  it('an earlier cookie of the same name is deleted where a request brings two, and not where it brings one', async () => {
    const here = await world().node({ cookie: moved })
    const ann = new Browser()
    await ann.login(here, 'ann')
    expect(await setCookies(here, '__Secure-session=x')).toEqual([])
    expect(await setCookies(here, ann.cookie, (session) => session.userId)).toEqual([])
    expect(await setCookies(here, `${ann.cookie}; __Secure-session=x`)).toEqual([AT_ROOT])
    // Now that the earlier one is gone:
    expect(await ann.whoami(here)).toBe('ann')
  })

  it.each<[string, Handle<object, void>]>([
    ['save', put({ n: 1 })],
    ['a message', (session) => session.flash('notice', 'Hello')],
  ])(
    'with two cookies of the name, %s starts no session in place of theirs',
    async (_call, handle) => {
      const here = await world().node({ cookie: moved })
      const ann = new Browser()
      await ann.login(here, 'ann')
      const cookie = `${ann.cookie}; __Secure-session=x`
      const { outcome, setCookies: sent } = await here.ask(handle, { cookie })
      expect(outcome).toMatchObject({ reason: { code: 'ERR_SESSION_ENDED' } })
      expect(sent).toEqual([AT_ROOT])
      expect(await ann.whoami(here)).toBe('ann')
    },
  )

  it.each<[string, Handle<object, unknown>, unknown]>([
    ['set', (session) => session.create({ userId: 'ann' }), NEW],
    ['deleted', (session) => session.end(), AT_SHOP],
  ])(
    "the session cookie that is %s in the same response goes before the earlier one's deletion: one Set-Cookie of a name",
    async (_what, handle, expected) => {
      const here = await world().node({ cookie: moved })
      const two = '__Secure-session=x; __Secure-session=y'
      expect(await setCookies(here, two, handle)).toEqual([expected])
    },
  )
})

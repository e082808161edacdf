import { beforeEach, expect, it, vi } from 'vitest'
import { blocksOf, type Block } from './documents.ts'
import { startRecipe, type Browser } from './recipe-world.ts'

const blocks = await blocksOf('docs/recipes.md')

function recipe(...texts: readonly string[]): Block {
  const found = blocks.filter(({ code }) => texts.every((text) => code.includes(text)))
  expect(found, texts.join()).toHaveLength(1)
  return found[0] as Block
}

async function signIn(browser: Browser, user = 'ada', password = 'old'): Promise<Browser> {
  expect(await browser.post('/login', { user, password })).toMatchObject({ status: 303 })
  return browser
}

const whoami = async (browser: Browser): Promise<string> => (await browser.get('/whoami')).body

beforeEach(() => {
  // Express shows every error that it answers with.
  vi.spyOn(console, 'error').mockReturnValue()
})

it('a changed password: the others are out, this one has a new cookie', async () => {
  await using world = await startRecipe(recipe("app.post('/password'"))
  const here = await signIn(world.browser())
  const elsewhere = await signIn(world.browser())
  const copy = here.copy()
  const wrong = await here.post('/password', { current: 'wrong', next: 'new' })
  expect([wrong.status, await whoami(elsewhere)]).toEqual([403, 'ada'])
  const changed = await here.post('/password', { current: 'old', next: 'new' })
  expect(changed).toMatchObject({ status: 303, location: '/account' })
  expect([await whoami(here), await whoami(elsewhere), await whoami(copy)]).toEqual([
    'ada',
    'nobody',
    'nobody',
  ])
})

it('a changed password: a login that was checked with the old one is refused', async () => {
  await using world = await startRecipe(recipe("app.post('/password'"))
  const here = await signIn(world.browser())
  const late = world.browser()
  const { reached, letGo } = world.holdCheck()
  const login = late.post('/login', { user: 'ada', password: 'old' })
  await reached
  await here.post('/password', { current: 'old', next: 'new' })
  letGo()
  expect((await login).status).toBe(401)
  expect(await whoami(late)).toBe('nobody')
})

it('a changed password: the others are out also where this session ended meanwhile', async () => {
  await using world = await startRecipe(recipe("app.post('/password'"))
  const here = await signIn(world.browser())
  const [ours] = await world.sessions.list('ada')
  const elsewhere = await signIn(world.browser())
  const { reached, letGo } = world.holdCheck()
  const change = here.post('/password', { current: 'old', next: 'new' })
  await reached
  await world.sessions.destroy(ours?.id ?? '')
  letGo()
  expect((await change).status).toBe(401)
  expect(await whoami(elsewhere)).toBe('nobody')
})

it('a reset by mail: all are out, and the token is good once', async () => {
  await using world = await startRecipe(recipe("app.post('/reset'"))
  const [elsewhere, browser] = [world.browser(), world.browser()]
  await elsewhere.post('/sign-in', { user: 'ada' })
  await browser.post('/sign-in', { user: 'bob' })
  const reset = { token: 'token-of-ada', password: 'new' }
  expect(await browser.post('/reset', reset)).toMatchObject({ status: 303 })
  expect([await whoami(browser), await whoami(elsewhere)]).toEqual(['ada', 'nobody'])
  expect(await world.sessions.list('bob')).toEqual([])
  expect((await world.browser().post('/reset', reset)).status).toBe(400)
})

it('a disabled account: all are out, and a login under way is refused', async () => {
  await using world = await startRecipe(recipe("app.post('/admin/users/:id/disable'"))
  const ada = await signIn(world.browser())
  const bob = await signIn(world.browser(), 'bob')
  const late = world.browser()
  const { reached, letGo } = world.holdCheck()
  const login = late.post('/login', { user: 'ada', password: 'old' })
  await reached
  await bob.post('/admin/users/ada/disable')
  letGo()
  expect((await login).status).toBe(401)
  expect((await ada.post('/login', { user: 'ada', password: 'old' })).status).toBe(401)
  expect([await whoami(ada), await whoami(late), await whoami(bob)]).toEqual([
    'nobody',
    'nobody',
    'bob',
  ])
})

it('changed roles: a new cookie with the tag, and the tag ends it', async () => {
  await using world = await startRecipe(recipe("app.post('/become-admin'"))
  const ada = world.browser()
  await ada.post('/login/acme', { user: 'ada', password: 'old' })
  const copy = ada.copy()
  await ada.post('/become-admin')
  const [{ tags } = { tags: [] }] = await world.sessions.list('ada')
  expect(tags).toEqual(['org:acme', 'role:admin'])
  expect([await whoami(ada), await whoami(copy)]).toEqual(['ada', 'nobody'])
  await world.browser().post('/admin/end-all-admins')
  expect(await whoami(ada)).toBe('nobody')
})

it('a list of devices: one is ended, and only one of the user’s own', async () => {
  await using world = await startRecipe(recipe("app.get('/devices'"))
  const [laptop, phone] = [await signIn(world.browser()), await signIn(world.browser())]
  const bob = await signIn(world.browser(), 'bob')
  const list = JSON.parse((await laptop.get('/devices')).body) as {
    id: string
    isThisOne: boolean
    device: object
  }[]
  expect(list.filter(({ isThisOne }) => isThisOne)).toHaveLength(1)
  expect(list).toHaveLength(2)
  expect(list[0]?.device).toEqual({ userAgent: 'node', ip: '127.0.0.0' })
  const other = list.find(({ isThisOne }) => !isThisOne)
  await bob.post('/devices/end', { id: other?.id ?? '' })
  expect(await whoami(phone)).toBe('ada')
  await laptop.post('/devices/end', { id: other?.id ?? '' })
  expect([await whoami(laptop), await whoami(phone)]).toEqual(['ada', 'nobody'])
})

it('step-up: not fresh after five minutes, and again after the password', async () => {
  await using world = await startRecipe(recipe('session.isFresh(300)'))
  const ada = world.browser()
  expect((await ada.post('/account/delete')).status).toBe(401)
  await ada.post('/sign-in', { user: 'ada' })
  world.clock.advance(301)
  expect(await ada.post('/account/delete')).toMatchObject({ status: 303, location: '/confirm' })
  expect((await ada.post('/confirm', { password: 'wrong' })).status).toBe(403)
  const copy = ada.copy()
  expect((await ada.post('/confirm', { password: 'old' })).location).toBe('/account')
  expect((await copy.post('/account/delete')).status).toBe(401)
  expect(await ada.post('/account/delete')).toMatchObject({ status: 303, location: '/' })
  expect([ada.cookies.size, await whoami(ada)]).toEqual([0, 'nobody'])
})

it('remember me: a cookie that lasts or one that does not, and one logout for both', async () => {
  vi.stubEnv('SESSION_SECRET', 'the-secret-of-those-who-are-brief')
  vi.stubEnv('REMEMBER_SECRET', 'the-secret-of-those-who-are-lasting')
  await using world = await startRecipe(recipe('REMEMBER_SECRET'))
  const me = async (browser: Browser): Promise<string> => (await browser.get('/me')).body
  const [brief, lasting] = [world.browser(), world.browser()]
  await brief.post('/login', { user: 'ada', password: 'old' })
  await lasting.post('/login', { user: 'ada', password: 'old', remember: 'yes' })
  expect([...brief.cookies.keys()]).toEqual(['__Host-session'])
  expect([...lasting.cookies.keys()]).toEqual(['__Host-remembered'])
  expect([await me(brief), await me(lasting)]).toEqual(['{"user":"ada"}', '{"user":"ada"}'])
  const copy = lasting.copy()
  await lasting.post('/logout')
  expect([lasting.cookies.size, await me(copy)]).toEqual([0, '{"user":null}'])
  await lasting.post('/login', { user: 'ada', password: 'old', remember: 'yes' })
  // Those of the harness are on the same store, too.
  await world.sessions.revokeAll('ada')
  expect([await me(brief), await me(lasting)]).toEqual(['{"user":null}', '{"user":null}'])
})

it.each([
  [{ 'sec-fetch-site': 'same-origin' }, 200],
  [{ 'sec-fetch-site': 'same-site' }, 403],
  [{ 'sec-fetch-site': 'cross-site' }, 403],
  [{ origin: 'https://evil.example' }, 403],
  [{ origin: 'null' }, 403],
  [{}, 200],
])('CSRF: a POST with %j is answered with %i', async (headers, status) => {
  await using world = await startRecipe(recipe('const sameOrigin'))
  const browser = world.browser()
  expect((await browser.post('/whoami', {}, headers)).status).toBe(status)
  expect((await browser.get('/whoami')).status).toBe(200)
})

it('sockets and streams: the stream ends with its session', async () => {
  await using world = await startRecipe(recipe("app.get('/events'"))
  const ada = world.browser()
  await ada.post('/sign-in', { user: 'ada' })
  const stream = ada.get('/events')
  await vi.waitFor(() =>
    expect(world.store.calls).toContainEqual(expect.objectContaining({ operation: 'watch' })),
  )
  await world.sessions.revokeAll('ada')
  expect(await stream).toMatchObject({ status: 200, body: 'data: hello\n\n' })
  expect((await ada.get('/events')).status).toBe(401)
})

it('a logout in an outage: 503, and the session is ended once the store is back', async () => {
  vi.useFakeTimers({ toFake: ['setInterval'] })
  await using world = await startRecipe(recipe('unconfirmed.add(id)'))
  const ada = world.browser()
  await ada.post('/sign-in', { user: 'ada' })
  const copy = ada.copy()
  world.store.fail('delete')
  expect((await ada.post('/logout')).status).toBe(503)
  expect([ada.cookies.size, await whoami(copy)]).toEqual([0, 'ada'])
  world.store.restore()
  vi.advanceTimersByTime(10_000)
  await vi.waitFor(async () => expect(await whoami(copy)).toBe('nobody'))
  vi.useRealTimers()
})

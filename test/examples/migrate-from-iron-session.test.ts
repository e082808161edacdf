import { createSessions, memoryStore, type SessionStore, type Sessions } from '@adjourn/core'
import { faultyStore } from '@adjourn/core/testing'
import {
  acceptIronSession,
  createApp,
  createOldApp,
  type AcceptOptions,
} from '@adjourn/example-migrate-from-iron-session'
import { session, sessionOf } from '@adjourn/express'
import { mongoStore } from '@adjourn/mongodb'
import express from 'express4'
import { sealData } from 'iron-session'
import { MongoClient } from 'mongodb'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { listen, type Listening } from '../conformance/bindings/listen.ts'
import { proxyTo } from '../mongodb/tcp.ts'
import { CookieBrowser, type Ask } from '../support/browser.ts'

const CLEARED = expect.stringMatching(/^iron=; Path=\/; Expires=Thu, 01 Jan 1970/) as string
const NEW = expect.stringMatching(/^session=Fe26/) as string
const password = 'the-password-of-the-app-as-it-was'

const database = `migrate-iron-${process.pid}`
const client = new MongoClient(inject('mongodbUri'))
const db = client.db(database)
const used = db.collection('used_old_cookies')

interface Node extends Listening {
  readonly sessions: Sessions<{ cart: string[] }>
}

const running: Listening[] = []

async function startOld(options: Partial<Parameters<typeof createOldApp>[0]> = {}) {
  const app = await listen(createOldApp({ password, users: new Set(['ann', 'bob']), ...options }))
  running.push(app)
  return app
}

async function startNew(options: Partial<Parameters<typeof createApp>[0]> = {}): Promise<Node> {
  const { app, sessions } = createApp({
    db,
    store: mongoStore(db),
    password,
    users: new Set(['ann', 'bob']),
    cutOver: new Date(Date.now() - 1000),
    until: new Date(Date.now() + 60_000),
    ...options,
  })
  const listening = await listen(app)
  running.push(listening)
  return { ...listening, sessions }
}

interface Shop {
  cart: string[]
}

/** An app on Express 4, as most of those that move are, with options that the example leaves out. */
async function startExpress4(
  store: SessionStore,
  options: Partial<AcceptOptions<Shop>> = {},
): Promise<Node> {
  const secrets = 'the-secret-of-an-app-that-is-on-express-4'
  const sessions = createSessions<Shop>({ store, secrets, cookie: { secure: false } })
  const { accept } = acceptIronSession(sessions, {
    db,
    password,
    cookie: { name: 'iron' },
    cutOver: new Date(Date.now() - 1000),
    until: new Date(Date.now() + 60_000),
    userOf: ({ user }) => ({ userId: String(user) }),
    mayEnter: async () => true,
    ...options,
  })
  const app = express().use(session(sessions), accept)
  app.get('/', (req, res) => res.json({ user: sessionOf(req, sessions).userId ?? 'nobody' }))
  const listening = await listen(app)
  running.push(listening)
  return { ...listening, sessions }
}

let oldApp: Listening

/** A browser that the old app has signed in. */
async function signedIn(user = 'ann', at = oldApp.at): Promise<CookieBrowser> {
  const browser = new CookieBrowser()
  await browser.open(`${at}/login/${user}`, { method: 'POST' })
  expect((await browser.open(at)).body).toBe(`Hello ${user}`)
  return browser
}

async function whoIs(browser: CookieBrowser, { at }: Listening, ask?: Ask): Promise<unknown> {
  const { status, body } = await browser.open(at, ask)
  return status === 200 ? (JSON.parse(body) as { user: string }).user : status
}

const ironOf = ({ cookies }: CookieBrowser): string => decodeURIComponent(cookies.get('iron') ?? '')
const holding = (iron: string): CookieBrowser =>
  new CookieBrowser([['iron', encodeURIComponent(iron)]])

describe('moving from iron-session', () => {
  beforeAll(async () => {
    await client.connect()
  })
  afterAll(async () => {
    await db.dropDatabase()
    await client.close()
  })
  beforeEach(async () => {
    await db.dropDatabase()
    oldApp = await startOld()
  })
  afterEach(async () => {
    await Promise.all(running.splice(0).map((each) => each.close()))
  })

  it('keeps the user signed in with the data, and deletes the old cookie', async () => {
    const [ann, node] = [await signedIn(), await startNew()]
    const { status, body, setCookies } = await ann.open(node.at)
    expect({ status, ...(JSON.parse(body) as object) }).toEqual({
      status: 200,
      user: 'ann',
      cart: ['a book'],
    })
    expect(setCookies.toSorted()).toEqual([CLEARED, NEW])
    expect([...ann.cookies.keys()]).toEqual(['session'])
    expect(await whoIs(ann, node)).toBe('ann')
    const [remembered] = await used.find().toArray()
    expect(Object.keys(remembered ?? {})).toEqual(['_id', 'expiresAt'])
    expect(Number(remembered?.['expiresAt'])).toBeGreaterThan(Date.now() + 86_400_000)
  })

  it('accepts an old cookie once, in whatever spelling a copy of it comes', async () => {
    const [ann, node] = [await signedIn(), await startNew()]
    const seal = ironOf(ann)
    const [body = ''] = seal.split('~')
    await ann.open(node.at)
    for (const copy of [seal, body, `${body}~`, `${body}~3`, `${body}~2~2`, `${body}=`]) {
      const thief = holding(copy)
      await thief.open(node.at)
      expect(await whoIs(thief, node)).toBe('nobody')
    }
    expect(await node.sessions.list('ann')).toHaveLength(1)
    expect(await whoIs(ann, node)).toBe('ann')
  })

  it('lets one of many requests on two nodes have it, in one spelling or another', async () => {
    const [ann, here, there] = [await signedIn(), await startNew(), await startNew()]
    const [body = ''] = ironOf(ann).split('~')
    const tabs = Array.from({ length: 20 }, (_, index) => holding(`${body}~${index % 3}`))
    const shown = await Promise.all(
      tabs.map((tab, index) => tab.open(index % 2 === 0 ? here.at : there.at)),
    )
    expect(tabs.filter(({ cookies }) => cookies.has('session'))).toHaveLength(1)
    expect(shown.filter(({ status }) => status === 307)).toHaveLength(19)
    expect(await here.sessions.list('ann')).toHaveLength(1)
  })

  it('converts no request of a script, whose answer may come late, and loses nothing by it', async () => {
    const [ann, node] = [await signedIn(), await startNew()]
    const { body, setCookies } = await ann.open(node.at, { mode: 'cors' })
    expect(JSON.parse(body)).toMatchObject({ user: 'nobody' })
    expect(setCookies).toEqual([])
    expect(await whoIs(ann, node)).toBe('ann')
  })

  it('accepts what an older password has sealed', async () => {
    const passwords = { 1: password, 2: 'the-newer-password-of-the-old-app' }
    const [ann, node] = [await signedIn(), await startNew({ password: passwords })]
    expect(await whoIs(ann, node)).toBe('ann')
  })

  it('takes no notice of a cookie that is forged, tampered with or expired', async () => {
    const [ann, node] = [await signedIn(), await startNew()]
    const seal = ironOf(ann)
    const forger = 'the-password-of-somebody-who-forges'
    const expired = seal
      .split('*')
      .with(5, String(Date.now() - 1))
      .join('*')
    // Within the minute that iron-session would grant.
    const justExpired = await sealData({ user: 'ann' }, { password, ttl: 0.001 })
    const bad = [
      await sealData({ user: 'ann' }, { password: forger }),
      seal
        .split('*')
        .with(5, String(Date.now() + 1e12))
        .join('*'),
      seal.split('*').with(5, '').join('*'),
      seal.slice(0, 100),
      expired,
      justExpired,
      '~2',
      '{"user":"ann"}',
    ]
    for (const cookie of bad) {
      const { status, body, setCookies } = await holding(cookie).open(node.at)
      expect({ status, setCookies }).toEqual({ status: 200, setCookies: [] })
      expect(JSON.parse(body)).toMatchObject({ user: 'nobody' })
    }
    expect(await used.countDocuments()).toBe(0)
  })

  it.each<[string, object]>([
    ['nobody', {}],
    ['a query in place of a name', { user: { $gt: '' } }],
    ['an empty name', { user: '' }],
  ])('is nobody by a session that holds %s', async (_what, content) => {
    const node = await startNew()
    const browser = holding(await sealData(content, { password }))
    expect(await whoIs(browser, node)).toBe('nobody')
    expect(browser.cookies.size).toBe(0)
  })

  it('accepts nothing after the last day', async () => {
    const [ann, node] = [await signedIn(), await startNew({ until: new Date() })]
    expect(await whoIs(ann, node)).toBe('nobody')
  })

  it('refuses whoever was revoked since the cut-over', async () => {
    const [ann, bob, node] = [await signedIn(), await signedIn('bob'), await startNew()]
    await node.sessions.revokeAll('ann')
    expect(await whoIs(ann, node)).toBe('nobody')
    expect(await whoIs(bob, node)).toBe('bob')
  })

  it('a change of password ends what was not converted yet', async () => {
    const [laptop, phone, node] = [await signedIn(), await signedIn(), await startNew()]
    await laptop.open(node.at)
    await laptop.open(`${node.at}/password`, { method: 'POST' })
    expect(await whoIs(laptop, node)).toBe('ann')
    expect(await whoIs(phone, node)).toBe('nobody')
  })

  it('refuses whom a revocation overtakes on the way', async () => {
    const store = faultyStore(mongoStore(db))
    const [bob, node] = [await signedIn('bob'), await startNew({ store })]
    store.pause('insert')
    const answer = whoIs(bob, node)
    await store.reached('insert')
    await node.sessions.revokeAll('bob')
    store.release()
    expect(await answer).toBe('nobody')
    expect(await node.sessions.list('bob')).toEqual([])
  })

  it('refuses whose account is gone', async () => {
    const [ann, node] = [await signedIn(), await startNew({ users: new Set(['bob']) })]
    expect(await whoIs(ann, node)).toBe('nobody')
  })

  it.each(['cors', 'navigate'] as const)(
    'a logout by %s uses up an old cookie that was not converted',
    async (mode) => {
      const [ann, node] = [await signedIn(), await startNew()]
      const copy = ann.copyOf('iron')
      await ann.open(`${node.at}/logout`, { method: 'POST', mode })
      expect(ann.cookies.size).toBe(0)
      await copy.open(node.at)
      expect(await whoIs(copy, node)).toBe('nobody')
    },
  )

  it('an outage of the memory of used cookies answers 503, and loses nothing', async () => {
    await using proxy = await proxyTo(new URL(inject('mongodbUri')).host)
    await using slow = new MongoClient(`mongodb://${proxy.address}`, { directConnection: true })
    await slow.connect()
    const node = await startNew({ db: slow.db(database), store: memoryStore() })
    const ann = await signedIn()
    proxy.hang()
    expect(await whoIs(ann, node)).toBe(503)
    expect(ann.cookies.has('iron')).toBe(true)
    proxy.resume()
    expect(await whoIs(ann, node)).toBe('ann')
  })

  it("an outage of Adjourn's store answers 503, uses nothing up, and converts afterwards", async () => {
    const store = faultyStore(memoryStore())
    const [ann, node] = [await signedIn(), await startNew({ store })]
    store.fail('all')
    const { status, setCookies } = await ann.open(node.at)
    expect({ status, setCookies }).toEqual({ status: 503, setCookies: [] })
    store.restore()
    expect(await whoIs(ann, node)).toBe('ann')
  })

  it('deletes an old cookie with a prefix as browsers want it: with Secure', async () => {
    const [ann, node] = [
      await signedIn(),
      await startExpress4(memoryStore(), { cookie: { name: '__Secure-old' } }),
    ]
    ann.cookies.set('__Secure-old', ann.cookies.get('iron') ?? '')
    const { setCookies } = await ann.open(node.at)
    expect(setCookies).toContainEqual(expect.stringMatching(/^__Secure-old=;.*; Secure/))
  })

  it('makes the new session a member of its tags, and refuses who was revoked by one', async () => {
    const tags = ['org:acme']
    const userOf: AcceptOptions<Shop>['userOf'] = ({ user }) => ({ userId: String(user), tags })
    const node = await startExpress4(memoryStore(), { userOf })
    const [ann, bob] = [await signedIn(), await signedIn('bob')]
    expect(await whoIs(ann, node)).toBe('ann')
    await node.sessions.revokeAll({ tag: 'org:acme' })
    for (const browser of [ann, bob]) expect(await whoIs(browser, node)).toBe('nobody')
  })

  it('a logout ends what another request is making of the same old cookie', async () => {
    const store = faultyStore(memoryStore())
    const node = await startNew({ store })
    const one = await signedIn()
    const other = one.copyOf('iron')
    store.pause('insert')
    const loading = one.open(node.at)
    await store.reached('insert')
    expect((await other.open(`${node.at}/logout`, { method: 'POST' })).status).toBe(303)
    store.release('insert')
    await loading
    for (const browser of [one, other]) expect(await whoIs(browser, node)).toBe('nobody')
  })
})

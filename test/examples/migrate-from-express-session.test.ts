import { createSessions, memoryStore, type SessionStore, type Sessions } from '@adjourn/core'
import { faultyStore } from '@adjourn/core/testing'
import {
  acceptExpressSession,
  createApp,
  createOldApp,
  type AcceptOptions,
} from '@adjourn/example-migrate-from-express-session'
import { session, sessionOf } from '@adjourn/express'
import { mongoStore } from '@adjourn/mongodb'
import express from 'express4'
import { MongoClient } from 'mongodb'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { listen, type Listening } from '../conformance/bindings/listen.ts'
import { proxyTo } from '../mongodb/tcp.ts'
import { CookieBrowser, type Ask } from '../support/browser.ts'

const NAME = 'connect.sid'
const CLEARED = expect.stringMatching(/^connect\.sid=; Path=\/; Expires=Thu, 01 Jan 1970/) as string
const NEW = expect.stringMatching(/^session=Fe26/) as string
const SECRET = 'the-secret-of-the-old-app'

const database = `migrate-express-${process.pid}`
const client = new MongoClient(inject('mongodbUri'))
const db = client.db(database)
const old = db.collection<{ _id: string; session: unknown; expires: Date }>('old_sessions')

type Options = Parameters<typeof createApp>[0]

interface Node extends Listening {
  readonly sessions: Sessions<{ cart: string[] }>
}

const running: Listening[] = []

async function startOld(secrets = [SECRET]): Promise<Listening> {
  const users = new Set(['ann', 'bob'])
  const app = await listen(createOldApp({ client, database, secrets, users }))
  running.push(app)
  return app
}

async function startNew(options: Partial<Options> = {}): Promise<Node> {
  const { app, sessions } = createApp({
    db,
    store: mongoStore(db),
    secrets: [SECRET],
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
  const { accept } = acceptExpressSession(sessions, {
    db,
    collection: 'old_sessions',
    secrets: [SECRET],
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

const records = (): Promise<number> => old.countDocuments()

describe('moving from express-session', () => {
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

  it('keeps the user signed in with the data, and takes the old cookie and record away', async () => {
    const [ann, node] = [await signedIn(), await startNew()]
    const { status, body, setCookies } = await ann.open(node.at)
    expect({ status, ...(JSON.parse(body) as object) }).toEqual({
      status: 200,
      user: 'ann',
      cart: ['a book'],
    })
    expect(setCookies.toSorted()).toEqual([CLEARED, NEW])
    expect(await records()).toBe(0)
    expect([...ann.cookies.keys()]).toEqual(['session'])
    expect(await whoIs(ann, node)).toBe('ann')
    expect(await node.sessions.list('ann')).toHaveLength(1)
  })

  it('accepts an old cookie once: a copy of it is nobody', async () => {
    const [ann, node] = [await signedIn(), await startNew()]
    const copy = ann.copyOf(NAME)
    await ann.open(node.at)
    const first = await copy.open(`${node.at}//evil.example/?q=1`)
    expect(first).toMatchObject({ status: 307, location: '/evil.example/?q=1' })
    expect(await whoIs(copy, node)).toBe('nobody')
    expect(await whoIs(ann, node)).toBe('ann')
  })

  it('lets one of many requests on two nodes have it, and shows all pages of a browser signed in', async () => {
    const [ann, here, there] = [await signedIn(), await startNew(), await startNew()]
    const tabs = Array.from({ length: 20 }, () => ann.copyOf(NAME))
    const shown = await Promise.all(
      tabs.map((tab, index) => tab.open(index % 2 === 0 ? here.at : there.at)),
    )
    const winners = tabs.filter(({ cookies }) => cookies.has('session'))
    expect(winners).toHaveLength(1)
    expect(shown.filter(({ status }) => status === 307)).toHaveLength(19)
    expect(await here.sessions.list('ann')).toHaveLength(1)
    // All tabs share the cookies: they ask again with what the winner got.
    const [winner] = winners
    for (const { status } of shown) {
      expect(await whoIs(new CookieBrowser(winner?.cookies), status === 200 ? here : there)).toBe(
        'ann',
      )
    }
  })

  it('asks again once, even if the browser does not let go of the old cookie', async () => {
    const [ann, node] = [await signedIn(), await startNew()]
    const stubborn = ann.copyOf(NAME)
    await ann.open(node.at)
    const [[name = '', value = ''] = []] = stubborn.cookies
    expect((await stubborn.open(node.at)).status).toBe(307)
    stubborn.cookies.set(name, value)
    expect(await whoIs(stubborn, node)).toBe('nobody')
  })

  it('converts no request of a script, whose answer may come late, and loses nothing by it', async () => {
    const [ann, node] = [await signedIn(), await startNew()]
    const { body, setCookies } = await ann.open(node.at, { mode: 'cors' })
    expect(JSON.parse(body)).toMatchObject({ user: 'nobody' })
    expect(setCookies).toEqual([])
    expect(await records()).toBe(1)
    expect(await whoIs(ann, node)).toBe('ann')
  })

  it('converts the requests of clients that are no browsers, and has none of them ask again', async () => {
    const [ann, node] = [await signedIn(), await startNew()]
    const copy = ann.copyOf(NAME)
    expect(await whoIs(ann, node, { mode: null })).toBe('ann')
    expect(await whoIs(copy, node, { mode: null })).toBe('nobody')
  })

  it('accepts what an older secret has signed', async () => {
    const older = await startOld(['an-older-secret'])
    const ann = await signedIn('ann', older.at)
    expect(await whoIs(ann, await startNew({ secrets: [SECRET, 'an-older-secret'] }))).toBe('ann')
  })

  it.each([
    ['signed by another secret', (value: string) => `${value.slice(0, -3)}AAA`],
    ['of another id', (value: string) => value.replace('s%3A', 's%3AA')],
    ['not signed', () => 'j%3A1'],
    ['of bad escapes', () => 's%3A%E0%A4%A'],
    ['empty', () => ''],
    ['a dot', () => 's%3A.'],
  ])('takes no notice of a cookie %s', async (_what, forge) => {
    const [ann, node] = [await signedIn(), await startNew()]
    ann.cookies.set(NAME, forge(ann.cookies.get(NAME) ?? ''))
    const { status, body, setCookies } = await ann.open(node.at)
    expect({ status, setCookies }).toEqual({ status: 200, setCookies: [] })
    expect(JSON.parse(body)).toMatchObject({ user: 'nobody' })
    expect(await records()).toBe(1)
  })

  it('refuses a session that has expired, also before MongoDB has removed it', async () => {
    const [ann, node] = [await signedIn(), await startNew()]
    await old.updateMany({}, { $set: { expires: new Date(Date.now() - 1) } })
    await ann.open(node.at)
    expect(await whoIs(ann, node)).toBe('nobody')
  })

  it.each<[string, unknown]>([
    ['no JSON', '{"user":"ann"'],
    ['null', 'null'],
    ['another type', 42],
    ['a query in place of a name', '{"user":{"$gt":""}}'],
    ['an empty name', '{"user":""}'],
    ['a prototype', '{"__proto__":{"user":"ann"}}'],
  ])('is nobody by a record that holds %s', async (_what, content) => {
    const [ann, node] = [await signedIn(), await startNew()]
    await old.updateMany({}, { $set: { session: content } })
    expect(await whoIs(ann, node)).toBe('nobody')
    expect(ann.cookies.size).toBe(0)
  })

  it('accepts nothing after the last day', async () => {
    const [ann, node] = [await signedIn(), await startNew({ until: new Date() })]
    expect(await whoIs(ann, node)).toBe('nobody')
    expect(await records()).toBe(1)
  })

  it('refuses whoever was revoked since the cut-over, and removes their record', async () => {
    const [ann, bob, node] = [await signedIn(), await signedIn('bob'), await startNew()]
    await node.sessions.revokeAll('ann')
    expect(await whoIs(ann, node)).toBe('nobody')
    expect(await records()).toBe(1)
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
    const [ann, node] = [await signedIn(), await startNew({ store })]
    store.pause('insert')
    const answer = whoIs(ann, node)
    await store.reached('insert')
    await node.sessions.revokeAll('ann')
    store.release()
    expect(await answer).toBe('nobody')
    expect(await records()).toBe(0)
    expect(await node.sessions.list('ann')).toEqual([])
  })

  it('refuses whose account is gone, and removes their record', async () => {
    const [ann, node] = [await signedIn(), await startNew({ users: new Set(['bob']) })]
    expect(await whoIs(ann, node)).toBe('nobody')
    expect(await records()).toBe(0)
  })

  it.each(['cors', 'navigate'] as const)(
    'a logout by %s ends an old session that was not converted',
    async (mode) => {
      const [ann, node] = [await signedIn(), await startNew()]
      const copy = ann.copyOf(NAME)
      const { status } = await ann.open(`${node.at}/logout`, { method: 'POST', mode })
      expect(status).toBe(303)
      expect(ann.cookies.size).toBe(0)
      expect(await records()).toBe(0)
      await copy.open(node.at)
      expect(await whoIs(copy, node)).toBe('nobody')
    },
  )

  it('a login ends the old session of this browser, whoever it is of', async () => {
    const [ann, node] = [await signedIn(), await startNew()]
    await ann.open(`${node.at}/login/bob`, { method: 'POST', mode: 'cors' })
    expect(await whoIs(ann, node)).toBe('bob')
    expect(await records()).toBe(0)
  })

  it('an outage of the old store answers 503, signs nobody out, and converts afterwards', async () => {
    await using proxy = await proxyTo(new URL(inject('mongodbUri')).host)
    await using slow = new MongoClient(`mongodb://${proxy.address}`, { directConnection: true })
    await slow.connect()
    const node = await startNew({ db: slow.db(database), store: memoryStore() })
    const ann = await signedIn()
    const bob = await signedIn('bob')
    proxy.hang()
    const answers = await Promise.all([
      ann.open(node.at),
      bob.open(`${node.at}/logout`, { method: 'POST', mode: 'cors' }),
    ])
    expect(answers.map(({ status }) => status)).toEqual([503, 503])
    for (const browser of [ann, bob]) expect(browser.cookies.has(NAME)).toBe(true)
    proxy.resume()
    expect(await whoIs(ann, node)).toBe('ann')
  })

  it("an outage of Adjourn's store answers 503, takes nothing away, and converts afterwards", async () => {
    const store = faultyStore(memoryStore())
    const [ann, node] = [await signedIn(), await startNew({ store })]
    store.fail('all')
    const { status, setCookies } = await ann.open(node.at)
    expect({ status, setCookies }).toEqual({ status: 503, setCookies: [] })
    expect(await records()).toBe(1)
    store.restore()
    expect(await whoIs(ann, node)).toBe('ann')
  })

  it('does so on Express 4 too, which awaits no handler', async () => {
    const store = faultyStore(memoryStore())
    const [ann, node] = [await signedIn(), await startExpress4(store)]
    store.fail('all')
    expect(await whoIs(ann, node)).toBe(503)
    store.restore()
    expect(await whoIs(ann, node)).toBe('ann')
  })

  it('deletes an old cookie with a prefix as browsers want it: with Secure', async () => {
    const [ann, node] = [
      await signedIn(),
      await startExpress4(memoryStore(), { cookie: { name: '__Secure-old' } }),
    ]
    ann.cookies.set('__Secure-old', ann.cookies.get(NAME) ?? '')
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
    const other = one.copyOf(NAME)
    store.pause('insert')
    const loading = one.open(node.at)
    await store.reached('insert')
    expect((await other.open(`${node.at}/logout`, { method: 'POST' })).status).toBe(303)
    store.release('insert')
    await loading
    for (const browser of [one, other]) expect(await whoIs(browser, node)).toBe('nobody')
  })
})

/** What an example on MongoDB is held to, whatever its framework. */
import { createAccounts, type Accounts } from '@adjourn/example-accounts'
import { MongoClient } from 'mongodb'
import { afterAll, afterEach, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { proxyTo } from '../mongodb/tcp.ts'
import { name } from '../support/records.ts'
import { afterNextCheck } from './login-under-way.ts'
import { runMain } from './main-process.ts'
import { NEXT_PASSWORD, PASSWORD, signInTests, USER } from './sign-in.ts'
import { askAt, Visitor } from './visitor.ts'

/** Both examples have this. */
interface Config {
  readonly mongodbUri: string
  readonly secrets: readonly string[]
  readonly port: number
  readonly trustedProxies: number
}

interface Running {
  readonly port: number
  stop(): Promise<void>
}

export type Start = (config: Config, accounts: Accounts) => Promise<Running>

const SECRET = 'the-secret-of-the-examples-tests-0'

const originOf = ({ port }: Running): string => `http://127.0.0.1:${port}`

/** @param register Registers what else the example is held to, by visitors of its app. */
export function mongodbAppTests(
  example: string,
  start: Start,
  register: (visitor: () => Visitor) => void = () => {},
): void {
  const database = name(example)
  const client = new MongoClient(inject('mongodbUri'))
  const sessions = client.db(database).collection('sessions')
  const uri = uriOf(database)
  const config = { mongodbUri: uri, secrets: [SECRET], port: 0, trustedProxies: 1 }
  let accounts: Accounts
  let running: Running
  const visitor = (at: Running = running): Visitor => new Visitor(askAt(originOf(at)))
  const records = (userId: string): Promise<number> => sessions.countDocuments({ userId })

  beforeAll(async () => {
    accounts = createAccounts()
    await accounts.setPassword(USER, PASSWORD)
    await accounts.setPassword('bob', PASSWORD)
    running = await start(config, accounts)
  })
  afterEach(() => sessions.deleteMany({}))
  afterAll(async () => {
    await running.stop()
    await client.db(database).dropDatabase()
    await client.close()
  })

  signInTests(() => ({ ask: askAt(originOf(running)), records }))
  register(visitor)

  test('a login whose password was checked before it was changed does not come in', async () => {
    const laptop = await visitor().login(USER, PASSWORD)
    afterNextCheck(accounts, () => laptop.delete('/account/devices'))
    const late = await visitor().post('/login', { user: USER, password: PASSWORD })
    expect(late).toMatchObject({ status: 401, body: '{"error":"ERR_SESSION_REVOKED"}' })
    expect(await records(USER)).toBe(1)
  })

  test('a change of password ends the session of whoever ends the one that asks for it', async () => {
    const ada = await visitor().login(USER, PASSWORD)
    const thief = await visitor().login(USER, PASSWORD)
    afterNextCheck(accounts, () => thief.delete('/account/devices'))
    try {
      const change = { current: PASSWORD, next: NEXT_PASSWORD }
      expect(await ada.post('/account/password', change)).toMatchObject({ status: 401 })
      expect(await thief.whoami()).toBeUndefined()
      expect(await records(USER)).toBe(0)
      await ada.login(USER, NEXT_PASSWORD)
    } finally {
      await accounts.setPassword(USER, PASSWORD)
    }
  })

  test('lists the devices, and ends one of them', async () => {
    const laptop = await visitor().login(USER, PASSWORD)
    const phone = visitor()
    const headers = {
      'content-type': 'application/json',
      'user-agent': `Phone ${'x'.repeat(8000)}`,
      // Only what the nearest proxy says counts.
      'x-forwarded-for': '198.51.100.7, 203.0.113.9',
    }
    const body = JSON.stringify({ user: USER, password: PASSWORD })
    expect((await phone.send('/login', { method: 'POST', headers, body })).status).toBe(200)
    const bobs = await visitor().login('bob', PASSWORD)

    const devices = await devicesOf(laptop)
    expect(devices).toMatchObject([
      { isThisOne: false, device: { userAgent: `Phone ${'x'.repeat(194)}`, ip: '203.0.113.0' } },
      { isThisOne: true, device: { userAgent: 'unknown', ip: '127.0.0.0' } },
    ])
    const [{ id } = { id: '' }] = devices
    expect((await visitor().delete(`/account/devices/${id}`)).status).toBe(401)
    expect((await bobs.delete(`/account/devices/${id}`)).status).toBe(404)
    expect(await phone.whoami()).toBe(USER)
    expect((await laptop.delete(`/account/devices/${id}`)).status).toBe(204)
    expect(await phone.whoami()).toBeUndefined()
    expect(await laptop.whoami()).toBe(USER)
    expect((await laptop.delete('/account/devices/anything')).status).toBe(404)
    expect(await laptop.delete('/account/devices')).toMatchObject({ body: '{"ended":0}' })
  })

  test('what is no page is a 404, and what is too large a 413', async () => {
    expect((await visitor().get('/nowhere')).status).toBe(404)
    const large = { user: USER, password: 'x'.repeat(20_000) }
    expect((await visitor().post('/login', large)).status).toBe(413)
  })

  test('while the database is away it answers 503, and nobody is signed out', async () => {
    const errors = vi.spyOn(console, 'error').mockReturnValue()
    await using proxy = await proxyTo(new URL(uri).host)
    const mongodbUri = `mongodb://${proxy.address}/${database}?directConnection=true`
    const behind = await start({ ...config, mongodbUri }, accounts)
    try {
      const laptop = await visitor(behind).login(USER, PASSWORD)
      proxy.hang()
      const answers = await Promise.all([
        laptop.get('/account'),
        laptop.post('/logout'),
        visitor(behind).post('/login', { user: USER, password: PASSWORD }),
      ])
      const unavailable = { status: 503, setCookies: [], body: '{"error":"ERR_STORE_UNAVAILABLE"}' }
      for (const answer of answers) expect(answer).toMatchObject(unavailable)
      expect(errors).toHaveBeenCalledTimes(answers.length)
      proxy.resume()
      expect(await laptop.whoami()).toBe(USER)
    } finally {
      proxy.resume()
      await behind.stop()
    }
  })

  test('a stop answers what is under way, and sessions outlive it', async () => {
    const first = await start(config, accounts)
    let stopped: Promise<void> | undefined
    afterNextCheck(accounts, async () => void (stopped = first.stop()))
    const laptop = await visitor(first).login(USER, PASSWORD)
    await stopped
    await expect(laptop.whoami()).rejects.toThrow('ECONNREFUSED')
    const again = visitor()
    again.cookie = laptop.cookie
    expect(await again.whoami()).toBe(USER)
  })

  test('does not start on a port that is taken', async () => {
    await expect(start({ ...config, port: running.port }, accounts)).rejects.toThrow('EADDRINUSE')
  })

  describe('npm start', { timeout: 60_000 }, () => {
    test('runs until it is told to stop', async () => {
      const env = { MONGODB_URI: uri, SESSION_SECRETS: SECRET, PORT: '0' }
      await using main = await runMain(example, env)
      const laptop = await new Visitor(askAt(main.origin ?? '')).login(USER, PASSWORD)
      expect(await laptop.whoami()).toBe(USER)
      main.kill('SIGTERM')
      expect(await main.ended).toEqual({ code: 0, stderr: '' })
    })

    test('names what is missing, and shows no value', async () => {
      const env = { SESSION_SECRETS: SECRET, PORT: 'three' }
      await using main = await runMain(example, env)
      const { code, stderr } = await main.ended
      expect(main.origin).toBeUndefined()
      expect(code).toBe(1)
      expect(stderr).toContain('MONGODB_URI')
      expect(stderr).toContain('PORT')
      expect(stderr).not.toContain(SECRET)
    })
  })
}

function uriOf(database: string): string {
  const uri = new URL(inject('mongodbUri'))
  uri.pathname = database
  return uri.href
}

interface Listed {
  readonly id: string
}

async function devicesOf(visitor: Visitor): Promise<Listed[]> {
  const { status, body } = await visitor.get('/account/devices')
  expect(status).toBe(200)
  return JSON.parse(body) as Listed[]
}

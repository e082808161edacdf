import { createSessions, memoryStore, type SessionStore, type Sessions } from '@adjourn/core'
import { session, sessionOf } from '@adjourn/express'
import { session as honoSession, type Env } from '@adjourn/hono'
import express, { type Request } from 'express'
import { Hono } from 'hono'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'

const make = (store: SessionStore = memoryStore()): Sessions =>
  createSessions({ store, secrets: 'x'.repeat(40), cookie: { secure: false } })

interface Server extends AsyncDisposable {
  get(path: string, headers?: Record<string, string>): Promise<string>
  logIn(user: string): Promise<string>
}

async function serve(sessions: Sessions, derive: (request: Request) => object): Promise<Server> {
  const middleware = session(sessions)
  const app = express()
  app.use(middleware)
  app.get('/login/:user', async (req, res) => {
    await sessionOf(req).create({ userId: req.params.user })
    res.end()
  })
  app.get('/who', (req, res) => {
    const inner = derive(req) as IncomingMessage
    middleware(inner, res, () => {
      res.json([sessionOf(req).userId, sessionOf(inner).userId])
    })
  })
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    get: async (path, headers = {}) => (await fetch(url + path, { headers })).text(),
    logIn: async (user) => {
      const [cookie = ''] = (await fetch(`${url}/login/${user}`)).headers.getSetCookie()
      return cookie.split(';')[0] ?? ''
    },
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const other = (request: Request): object => ({ cookie: request.headers['x-cookie'] })

describe('a request made from another', () => {
  it.each<[string, (request: Request) => object]>([
    ['that inherits', (req) => Object.create(req, { headers: { value: other(req) } }) as object],
    [
      'that is a copy',
      (req) => {
        const empty = Object.create(Object.getPrototypeOf(req) as object) as object
        return Object.assign(empty, req, { headers: other(req) })
      },
    ],
  ])('%s has a session of its own', async (_how, derive) => {
    await using server = await serve(make(), derive)
    const [cookie, second] = [await server.logIn('ann'), await server.logIn('bob')]
    expect(await server.get('/who', { cookie, 'x-cookie': second })).toBe('["ann","bob"]')
  })

  it('is not asked for where there is none', () => {
    expect(() => sessionOf(undefined as never)).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG' }),
    )
  })
})

/** While something runs, the app has another Promise than async functions return. */
async function withOtherPromise<T>(run: () => Promise<T>): Promise<T> {
  const { Promise: own } = globalThis
  globalThis.Promise = class Other<V> extends own<V> {}
  try {
    return await run()
  } finally {
    globalThis.Promise = own
  }
}

describe('where the app has replaced the global Promise', () => {
  const appOf = (sessions: Sessions): Hono<Env> =>
    new Hono<Env>()
      .use(honoSession(sessions))
      .get('/login', async (c) => {
        await c.var.session.create({ userId: 'ann' })
        return c.text('')
      })
      .get('/who', (c) => c.text(String(c.var.session.userId)))

  const logIn = async (app: Hono<Env>): Promise<{ headers: { cookie: string } }> => {
    const [cookie = ''] = (await app.request('/login')).headers.getSetCookie()
    return { headers: { cookie: cookie.split(';')[0] ?? '' } }
  }

  it('users are signed in on Hono', async () => {
    const app = appOf(make())
    const request = await logIn(app)
    const answer = await withOtherPromise(async () => app.request('/who', request))
    expect(await answer.text()).toBe('ann')
  })

  it('users are signed in on Express', async () => {
    await using server = await serve(make(), (req) => req)
    const cookie = await server.logIn('ann')
    expect(await withOtherPromise(() => server.get('/who', { cookie }))).toBe('["ann","ann"]')
  })

  it('an outage is not taken for not signed in', async () => {
    const store = memoryStore()
    const app = appOf(make(store))
    const request = await logIn(app)
    store.read = () => Promise.reject(new Error('down'))
    const answer = await withOtherPromise(async () => app.request('/who', request))
    expect(answer.status).toBe(503)
  })
})

describe("a load of the app's own", () => {
  it('is called, and may answer with any thenable', async () => {
    const sessions = make()
    let calls = 0
    const load: Sessions['load'] = (transport) => {
      calls++
      const loading = sessions.load(transport)
      // oxlint-disable-next-line unicorn/no-thenable -- apps have them
      return { then: loading.then.bind(loading) } as ReturnType<Sessions['load']>
    }
    const app = new Hono()
      .use(honoSession({ ...sessions, load }))
      .get('/', (c) => c.json(c.var.session.active))
    expect(await (await app.request('/')).json()).toBe(false)
    expect(calls).toBe(1)
  })

  it('that fails at once is an error of the request', async () => {
    const broken: Sessions = createSessions({
      secrets: 'x'.repeat(40),
      cookie: { previous: [] },
      clock: { now: () => expect.fail('no time') },
    })
    const app = express()
    app.use(session(broken))
    app.use((error: Error, _req: unknown, res: { end(text: string): void }, _next: unknown) => {
      res.end(error.message)
    })
    const server = app.listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    const answer = await fetch(`http://127.0.0.1:${port}/`, {
      headers: { cookie: '__Host-session=1; __Host-session=2' },
    })
    expect(await answer.text()).toBe('no time')
    await new Promise((resolve) => server.close(resolve))
  })
})

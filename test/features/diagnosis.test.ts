import { createSessions, type Diagnosis, type Sessions } from '@adjourn/core'
import { session, sessionOf } from '@adjourn/express'
import { session as onHono } from '@adjourn/hono'
import express from 'express'
import express4 from 'express4'
import { Hono } from 'hono'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { listen } from '../conformance/bindings/listen.ts'
import { get } from '../support/http.ts'

const close: (() => Promise<void>)[] = []

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {})
})
afterEach(async () => {
  await Promise.all(close.splice(0).map((each) => each()))
})

const warnings = (): string[] => vi.mocked(console.warn).mock.calls.map(([text]) => String(text))
const codesOf = (seen: readonly Diagnosis[]): string[][] =>
  seen.map(({ findings }) => findings.map(({ code }) => code))
const create = (): Sessions => createSessions({ secrets: 'the-secret-of-the-diagnosis-tests' })

async function serve(app: express.Express): Promise<string> {
  const running = await listen(app)
  close.push(() => running.close())
  return running.at
}

describe.each([
  ['Express 5', express],
  ['Express 4', express4],
])('%s', (_name, framework) => {
  it('a middleware after a route is warned of, once', async () => {
    const app = framework()
    app.get('/', (_req, _res, next) => next())
    app.use(session(create()))
    app.get('/', (_req, res) => void res.send('late'))
    const url = await serve(app)
    expect((await get(url)).body).toBe('late')
    expect((await get(url)).body).toBe('late')
    expect(warnings()).toEqual([expect.stringMatching(/mount it before the routes/)])
  })

  it('a middleware before the routes is not, nor is one for some paths only', async () => {
    const sessions = create()
    const app = framework()
    app.get('/health', (_req, res) => void res.send('up'))
    app.use('/account', session(sessions))
    app.get('/account', (_req, res) => void res.send('early'))
    const url = await serve(app)
    expect((await get(`${url}/health`)).body).toBe('up')
    expect((await get(`${url}/account`)).body).toBe('early')
    expect(warnings()).toEqual([])
  })

  it('a middleware that a route names itself is not late', async () => {
    const app = framework()
    app.get('/', session(create()), (_req, res) => void res.send('own'))
    expect((await get(await serve(app))).body).toBe('own')
    expect(warnings()).toEqual([])
  })

  it('a change is not forgotten while a client leaves before the handler has answered', async () => {
    const leaving = new AbortController()
    const app = framework()
    app.use(session(create()))
    const closed = new Promise<void>((resolve) => {
      app.get('/', (req, res) => {
        sessionOf(req).data['theme'] = 'dark'
        res.once('close', resolve)
        leaving.abort()
      })
    })
    const url = await serve(app)
    await expect(fetch(url, { signal: leaving.signal })).rejects.toThrow('aborted')
    await closed
    expect(warnings()).toEqual([])
  })

  it('diagnose says in a handler whether the middleware has run', async () => {
    const sessions = create()
    const seen: Diagnosis[] = []
    const app = framework()
    const look: express.RequestHandler = (req, res, next) => {
      sessions.diagnose(req).then((diagnosis) => res.send(String(seen.push(diagnosis))), next)
    }
    app.get('/before', look)
    app.use(session(sessions))
    app.get('/after', look)
    const url = await serve(app)
    await get(`${url}/before`)
    await get(`${url}/after`)
    expect(codesOf(seen)).toEqual([['no-cookie', 'no-middleware'], ['no-cookie']])
  })
})

describe('Hono', () => {
  it('a request that takes no property is answered all the same', async () => {
    const app = new Hono().use(onHono(create())).get('/', (c) => c.text('fine'))
    const response = await app.fetch(Object.freeze(new Request('http://localhost/')))
    expect(await response.text()).toBe('fine')
  })

  it('a middleware after a route is warned of, once', async () => {
    const app = new Hono()
    app.get('/', async (c, next) => {
      c.res = c.text('late')
      await next()
    })
    app.use(onHono(create()))
    await app.request('/')
    expect(await (await app.request('/')).text()).toBe('late')
    expect(warnings()).toEqual([expect.stringMatching(/mount it before the routes/)])
  })

  it('diagnose says in a handler whether the middleware has run', async () => {
    const sessions = create()
    const seen: Diagnosis[] = []
    const app = new Hono()
      .get('/before', async (c) => c.json(seen.push(await sessions.diagnose(c.req.raw))))
      .use(onHono(sessions))
      .get('/after', async (c) => c.json(seen.push(await sessions.diagnose(c.req.raw))))
    await app.request('/before')
    await app.request('/after')
    expect(codesOf(seen)).toEqual([['no-cookie', 'no-middleware'], ['no-cookie']])
    expect(warnings()).toEqual([])
  })
})

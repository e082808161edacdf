import { createSessions } from '@adjourn/core'
import { session, sessionOf } from '@adjourn/hono'
import { Hono } from 'hono'
import { expect, it } from 'vitest'

const SECRET = 'the-secret-of-the-hono-tests-is-32'
const sessions = createSessions({ secrets: SECRET })

it("one Response that answers many requests carries nobody's cookie to another", async () => {
  const done = new Response(null, { status: 204 })
  const app = new Hono()
    .use(session(sessions))
    .post('/login', async (c) => {
      await c.var.session.create({ userId: 'ann' })
      return done
    })
    .get('/ping', () => done)
  const login = await app.request('/login', { method: 'POST' })
  expect(login.headers.getSetCookie()).toHaveLength(1)
  expect(login.status).toBe(204)
  expect((await app.request('/ping')).headers.getSetCookie()).toEqual([])
  expect([...done.headers]).toEqual([])
})

it.each([
  ['is none', async () => Response.error()],
  [
    'somebody has read',
    async () => {
      const read = new Response('x')
      await read.text()
      return read
    },
  ],
])('a response that %s still deletes the cookie', async (_name, answer) => {
  const app = new Hono().use(session(sessions)).get('/', async (c) => {
    await c.var.session.end()
    return answer()
  })
  const { status, headers } = await app.request('/')
  expect(status).toBe(500)
  expect(headers.getSetCookie()).toEqual([expect.stringContaining('Max-Age=0')])
})

it('sessionOf says what is missing', async () => {
  const app = new Hono().get('/', (c) => c.text(sessionOf(c, sessions).userId ?? ''))
  app.onError((error, c) => c.text(error.message))
  expect(await (await app.request('/')).text()).toContain('session(sessions)')
})

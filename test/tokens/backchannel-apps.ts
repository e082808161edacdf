import type { Sessions } from '@adjourn/core'
import { session as expressSession, sessionOf } from '@adjourn/express'
import { session as honoSession, type Env } from '@adjourn/hono'
import { getRequestListener } from '@hono/node-server'
import express from 'express'
import { Hono } from 'hono'
import { listen, type Listening } from '../conformance/bindings/listen.ts'

type Endpoint = (request: Request) => Promise<Response>

/** An app with `/backchannel-logout`, a page, and a login by query: `/login?user=&sub=&sid=`. */
export type StartApp = (sessions: Sessions, logout: Endpoint, issuer: string) => Promise<Listening>

interface Login {
  readonly user?: string
  readonly sub?: string
  readonly sid?: string
}

const federationOf = ({ sub: subject = '', sid }: Login, issuer: string) => ({
  issuer,
  subject,
  ...(sid !== undefined && { sid }),
})

export const onHono: StartApp = (sessions, logout, issuer) => {
  const app = new Hono<Env>()
    .post('/backchannel-logout', (c) => logout(c.req.raw))
    .use(honoSession(sessions))
    .get('/', (c) => c.text(c.var.session.userId ?? 'nobody'))
    .get('/login', async (c) => {
      const login: Login = c.req.query()
      await c.var.session.create({
        userId: login.user ?? '',
        federation: federationOf(login, issuer),
      })
      return c.text('in')
    })
  const listener = getRequestListener(app.fetch)
  return listen((request, response) => void listener(request, response))
}

export const onExpress: StartApp = (sessions, logout, issuer) => {
  const app = express()
  app.post('/backchannel-logout', express.text({ type: () => true }), async (req, res) => {
    const answer = await logout(toRequest(req))
    res
      .status(answer.status)
      .set(Object.fromEntries(answer.headers))
      .send(await answer.text())
  })
  app.use(expressSession(sessions))
  app.get('/', (req, res) => void res.send(sessionOf(req, sessions).userId ?? 'nobody'))
  app.get('/login', async (req, res) => {
    const login = req.query as Login
    const federation = federationOf(login, issuer)
    await sessionOf(req, sessions).create({ userId: login.user ?? '', federation })
    res.send('in')
  })
  return listen(app)
}

/** What an endpoint of the platform's Request needs of Express: the body was read as a text. */
function toRequest({ method, originalUrl, headers, body }: express.Request): Request {
  return new Request(new URL(originalUrl, 'http://localhost'), {
    method,
    headers: { 'content-type': headers['content-type'] ?? '' },
    body: typeof body === 'string' ? body : null,
  })
}

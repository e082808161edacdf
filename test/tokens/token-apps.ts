import type { Sessions } from '@adjourn/core'
import { session as expressSession, sessionOf } from '@adjourn/express'
import { session as honoSession } from '@adjourn/hono'
import type { AccessTokens } from '@adjourn/tokens'
import { requireToken as expressToken, tokenOf } from '@adjourn/tokens/express'
import { requireToken as honoToken } from '@adjourn/tokens/hono'
import { createAdaptorServer } from '@hono/node-server'
import express from 'express'
import express4 from 'express4'
import { Hono } from 'hono'
import type { Server } from 'node:http'
import { listen, type Listening } from '../conformance/bindings/listen.ts'

export type StartApp = (sessions: Sessions, tokens: AccessTokens) => Promise<Listening>

export const KEYS = '/.well-known/jwks.json'

/** The same app on each framework: pages with a cookie, and an API with tokens. */
export const apps: readonly (readonly [string, StartApp])[] = [
  ['Express 5', startExpress(express)],
  ['Express 4', startExpress(express4)],
  ['Hono', startHono],
]

function startExpress(framework: typeof express): StartApp {
  return (sessions, tokens) => {
    const app = framework()
    app.use('/api', expressToken(tokens))
    app.get('/api/me', (req, res) => {
      const { claims, session } = tokenOf(req)
      res.json({ sub: claims.sub, sid: session.id })
    })
    app.get(KEYS, (_req, res, next) => {
      tokens.jwks().then((keys) => res.json(keys), next)
    })
    app.use(expressSession(sessions))
    app.get('/login', (req, res, next) => {
      const current = sessionOf(req, sessions)
      const userId = req.query['user'] as string
      current.create({ userId }).then(() => res.send(current.id), next)
    })
    app.get('/token', (req, res, next) => {
      tokens.issue(sessionOf(req, sessions)).then((token) => res.send(token), next)
    })
    app.get('/logout', (req, res, next) => {
      sessionOf(req, sessions)
        .end()
        .then(() => res.send('bye'), next)
    })
    app.get('/revoke-others', (req, res, next) => {
      sessionOf(req, sessions)
        .revokeOthers()
        .then(() => res.send('done'), next)
    })
    // Without the stack that Express's own would print.
    app.use(((error, _req, res, _next) => {
      res.sendStatus((error as { status: number }).status)
    }) satisfies express.ErrorRequestHandler)
    return listen(app)
  }
}

function startHono(sessions: Sessions, tokens: AccessTokens): Promise<Listening> {
  const api = new Hono().use(honoToken(tokens)).get('/me', (c) => {
    const { claims, session } = c.var.token
    return c.json({ sub: claims.sub, sid: session.id })
  })
  const app = new Hono()
    .route('/api', api)
    .get(KEYS, (c) => tokens.jwks(c.req.raw))
    .use(honoSession(sessions))
    .get('/login', async (c) => {
      await c.var.session.create({ userId: c.req.query('user') ?? '' })
      return c.text(c.var.session.id ?? '')
    })
    .get('/token', async (c) => c.text(await tokens.issue(c.var.session)))
    .get('/logout', async (c) => {
      await c.var.session.end()
      return c.text('bye')
    })
    .get('/revoke-others', async (c) => {
      await c.var.session.revokeOthers()
      return c.text('done')
    })
  return listen(createAdaptorServer({ fetch: app.fetch }) as Server)
}

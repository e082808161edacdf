import { setTimeout as delay } from 'node:timers/promises'
import { SessionError } from '@adjourn/core'
import { session, sessionOf } from '@adjourn/express'
import express, { type ErrorRequestHandler, type Express } from 'express'
import type { Accounts } from '@adjourn/example-accounts'
import { field } from './form.ts'
import { page } from './page.ts'
import type { AppSessions } from './sessions.ts'

/** In most apps it is just `req.session`; here express-session's types have taken that name. */
export function expressApp(sessions: AppSessions, accounts: Accounts, slowFor: number): Express {
  const app = express()
  app.use(express.urlencoded(), session(sessions))

  app.get('/', (req, res) => {
    res.send(page('Express', sessionOf(req, sessions).userId))
  })

  app.get('/whoami', (req, res) => {
    const { userId = null, id = null } = sessionOf(req, sessions)
    res.json({ user: userId, session: id })
  })

  app.post('/login', async (req, res) => {
    const user = field(req.body, 'user')
    if (user === '') return void res.status(400).send('Who?\n')
    // Before the password is checked: if it is changed meanwhile, this login ends with the rest.
    const fence = await sessions.fence(user)
    if (!(await accounts.check(user, field(req.body, 'password')))) {
      return void res.status(401).send('Wrong user or password\n')
    }
    await sessionOf(req, sessions).create({ userId: user, fence })
    res.redirect(303, '/')
  })

  app.post('/logout', async (req, res) => {
    await sessionOf(req, sessions).end()
    res.redirect(303, '/')
  })

  app.post('/password', async (req, res) => {
    const current = sessionOf(req, sessions)
    const next = field(req.body, 'next')
    if (current.userId === undefined || next === '') return void res.sendStatus(400)
    if (!(await accounts.check(current.userId, field(req.body, 'current')))) {
      return void res.status(403).send('Wrong password\n')
    }
    await accounts.setPassword(current.userId, next)
    await current.revokeOthers()
    res.redirect(303, '/')
  })

  app.post('/slow', async (req, res) => {
    const current = sessionOf(req, sessions)
    if (current.userId === undefined) return res.redirect(303, '/')
    await delay(slowFor)
    current.data.note = 'written late'
    await current.save()
    res.sendStatus(204)
  })

  app.use(answerSessionErrors)
  return app
}

const answerSessionErrors: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (!(error instanceof SessionError) || res.headersSent) return next(error)
  res.status(error.status).json({ error: error.code })
}

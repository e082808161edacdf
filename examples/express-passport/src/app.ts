import type { Sessions } from '@adjourn/core'
import type { Accounts } from '@adjourn/example-accounts'
import { accountRoutes } from '@adjourn/example-express-mongodb/account'
import { answerErrors } from '@adjourn/example-express-mongodb/errors'
import { sameOrigin } from '@adjourn/example-express-mongodb/same-origin'
import { session, sessionOf } from '@adjourn/express'
import express, { type Express, type RequestHandler } from 'express'
import { loginRoutes } from './login.ts'

export function createApp(sessions: Sessions, accounts: Accounts): Express {
  const app = express()
  app.disable('x-powered-by')
  app.use(sameOrigin)
  app.use(express.json({ limit: '10kb' }))
  app.use(session(sessions), setUser)
  app.use(loginRoutes(sessions, accounts))
  app.get('/whoami', (req, res) => void res.json({ user: req.user?.userId ?? null }))
  app.use('/account', accountRoutes(sessions, accounts))
  app.use(answerErrors)
  return app
}

/** `req.user`, for code that knows Passport's. */
const setUser: RequestHandler = (req, _res, next) => {
  const { userId } = sessionOf(req)
  if (userId !== undefined) req.user = { userId }
  next()
}

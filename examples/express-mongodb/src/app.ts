import type { Sessions } from '@adjourn/core'
import type { Accounts } from '@adjourn/example-accounts'
import { session } from '@adjourn/express'
import express, { type Express } from 'express'
import { accountRoutes } from './account.ts'
import { answerErrors } from './errors.ts'
import { loginRoutes } from './login.ts'
import { sameOrigin } from './same-origin.ts'

export interface AppOptions {
  readonly sessions: Sessions
  readonly accounts: Accounts
  /** How many proxies stand between the browser and this app. */
  readonly trustedProxies: number
}

export function createApp({ sessions, accounts, trustedProxies }: AppOptions): Express {
  const app = express()
  app.disable('x-powered-by')
  // For `req.ip` alone: the session cookie is Secure whatever Express believes of the connection.
  app.set('trust proxy', trustedProxies)
  app.use((_req, res, next) => {
    res.set('cache-control', 'no-store')
    next()
  })
  app.use(sameOrigin)
  app.use(express.json({ limit: '10kb' }))
  app.use(session(sessions))
  app.use(loginRoutes(sessions, accounts))
  app.use('/account', accountRoutes(sessions, accounts))
  app.use(answerErrors)
  return app
}

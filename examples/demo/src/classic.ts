import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import expressSession, { type Store } from 'express-session'
import type { Accounts } from './accounts.ts'
import { field } from './form.ts'

declare module 'express-session' {
  interface SessionData {
    user: string
    note: string
  }
}

interface ClassicWay {
  /** The code as people know it. */
  readonly code: string
  readonly logOut: RequestHandler
}

/**
 * The five best-known answers to "How to end a session in ExpressJS".
 *
 * @see https://stackoverflow.com/questions/5573256
 */
export const classicWays: readonly ClassicWay[] = [
  {
    code: 'req.session.destroy(cb)',
    logOut: (req, res, next) => {
      req.session.destroy((error: unknown) => (error ? next(error) : res.redirect('/')))
    },
  },
  {
    code: "req.session.destroy(); res.redirect('/')",
    logOut: (req, res) => {
      // @ts-expect-error The types want a callback; JavaScript does not.
      req.session.destroy()
      res.redirect('/')
    },
  },
  {
    code: 'req.session = null',
    logOut: (req, res) => {
      // @ts-expect-error The types forbid it; JavaScript does not.
      req.session = null
      res.redirect('/')
    },
  },
  {
    code: 'req.session = {}',
    logOut: (req, res) => {
      // @ts-expect-error The types forbid it; JavaScript does not.
      req.session = {}
      res.redirect('/')
    },
  },
  {
    code: 'req.session.cookie.expires = Date.now()',
    logOut: (req, res) => {
      // @ts-expect-error A number, which express-session takes for a span of time: half a century.
      req.session.cookie.expires = Date.now()
      res.redirect('/')
    },
  },
]

export const classicCookie = 'connect.sid'

/** An app as express-session's own documentation has it. Way n logs out at `/logout/n`. */
export function classicApp(store: Store, accounts: Accounts, slowFor: number): Express {
  const app = express()
  const secret = randomBytes(32).toString('base64url')
  app.use(
    express.urlencoded(),
    expressSession({ name: classicCookie, secret, store, resave: false, saveUninitialized: false }),
  )

  app.get('/whoami', (req, res) => {
    const { user = null } = req.session
    // For the tour, which looks it up in the store. Never show it elsewhere: this id is what the
    // cookie holds.
    res.json({ user, session: req.sessionID })
  })

  app.post('/login', async (req, res, next) => {
    const user = field(req.body, 'user')
    if (!(await accounts.check(user, field(req.body, 'password')))) return void res.sendStatus(401)
    req.session.regenerate((error: unknown) => {
      if (error) return next(error)
      req.session.user = user
      req.session.save((failure: unknown) => (failure ? next(failure) : res.redirect('/')))
    })
  })

  app.post('/slow', async (req, res) => {
    if (req.session.user === undefined) return res.redirect(303, '/')
    await delay(slowFor)
    req.session.note = 'written late'
    res.sendStatus(204)
  })

  for (const [n, { logOut }] of classicWays.entries()) app.post(`/logout/${n}`, logOut)
  app.use(hangUp)
  return app
}

// After an error of its own, express-session lets no reply through: the client would wait forever.
const hangUp: ErrorRequestHandler = (_error, _req, res, _next) => {
  res.destroy()
}

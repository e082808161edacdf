import type { Fence, Sessions } from '@adjourn/core'
import { credentials, type Accounts } from '@adjourn/example-accounts'
import { sessionOf } from '@adjourn/express'
import { Router, type RequestHandler } from 'express'
import { callbackify } from 'node:util'
import { Passport } from 'passport'
import { Strategy } from 'passport-local'

declare global {
  // Passport declares it for this: what a strategy says of who signs in.
  namespace Express {
    interface User {
      readonly userId: string
      /** Of a login, which is not a session yet. */
      readonly fence?: Fence
    }
  }
}

export function loginRoutes(sessions: Sessions, accounts: Accounts): Router {
  const routes = Router()
  const passport = new Passport().use(passwordStrategy(sessions, accounts))

  routes.post(
    '/login',
    (req, res, next) => {
      // The strategy itself takes anything for a password, and also looks for it in the URL.
      if (credentials.safeParse(req.body).success) next()
      else res.sendStatus(400)
    },
    // Answers 401 where the strategy says no.
    passport.authenticate('local', { session: false }) as RequestHandler,
    async (req, res) => {
      const { userId, fence } = req.user as Express.User
      await sessionOf(req).create({ userId, ...(fence && { fence }) })
      res.json({ user: userId })
    },
  )

  // Not `req.logout`, which knows nothing of the session.
  routes.post('/logout', async (req, res) => {
    await sessionOf(req).end()
    res.sendStatus(204)
  })

  return routes
}

function passwordStrategy(sessions: Sessions, accounts: Accounts): Strategy {
  async function verify(userId: string, password: string): Promise<Express.User | false> {
    // Before the password is checked: if it is changed meanwhile, this login ends with the rest.
    const fence = await sessions.fence(userId)
    return (await accounts.check(userId, password)) && { userId, fence }
  }
  return new Strategy({ usernameField: 'user' }, callbackify(verify))
}

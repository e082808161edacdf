import { truncateIp, type Device, type Sessions } from '@adjourn/core'
import { sessionOf } from '@adjourn/express'
import { Router, type Request } from 'express'
import { credentials, type Accounts } from '@adjourn/example-accounts'

export function loginRoutes(sessions: Sessions, accounts: Accounts): Router {
  const routes = Router()

  // A real app also limits how often one may try.
  routes.post('/login', async (req, res) => {
    const { user, password } = credentials.parse(req.body)
    // Before the password is checked: if it is changed meanwhile, this login ends with the rest.
    const fence = await sessions.fence(user)
    if (!(await accounts.check(user, password))) {
      return void res.status(401).json({ error: 'WRONG_CREDENTIALS' })
    }
    await sessionOf(req).create({ userId: user, fence, device: deviceOf(req) })
    res.json({ user })
  })

  routes.post('/logout', async (req, res) => {
    await sessionOf(req).end()
    res.sendStatus(204)
  })

  return routes
}

/** What the user will see of this device in the list of theirs. */
function deviceOf(req: Request): Device {
  return {
    userAgent: req.get('user-agent')?.slice(0, 200) ?? 'unknown',
    ip: truncateIp(req.ip) ?? 'unknown',
  }
}

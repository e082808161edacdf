import type { Sessions } from '@adjourn/core'
import { sessionOf } from '@adjourn/express'
import { Router, type Request, type Response } from 'express'
import { passwordChange, type Accounts } from '@adjourn/example-accounts'

/** What a signed-in user does with their account and its sessions. */
export function accountRoutes(sessions: Sessions, accounts: Accounts): Router {
  const routes = Router()

  routes.get('/', (req, res) => {
    const user = signedIn(req, res)
    if (user !== undefined) res.json({ user })
  })

  routes.post('/password', async (req, res) => {
    const user = signedIn(req, res)
    if (user === undefined) return
    const { current, next } = passwordChange.parse(req.body)
    if (!(await accounts.check(user, current))) {
      return void res.status(403).json({ error: 'WRONG_PASSWORD' })
    }
    await accounts.setPassword(user, next)
    // Where this fails, the password is changed and the answer is 503: `DELETE /devices` tries again.
    // Not `revokeOthers`: that spares everybody if one of the others has just ended this session.
    await sessions.revokeAll(user, { except: sessionOf(req) })
    await sessionOf(req).rotate()
    res.sendStatus(204)
  })

  routes.get('/devices', async (req, res) => {
    const user = signedIn(req, res)
    if (user === undefined) return
    const here = sessionOf(req).id
    const devices = await sessions.list(user)
    res.json(devices.map((device) => ({ ...device, isThisOne: device.id === here })))
  })

  // All but this one.
  routes.delete('/devices', async (req, res) => {
    if (signedIn(req, res) === undefined) return
    res.json({ ended: await sessionOf(req).revokeOthers() })
  })

  routes.delete('/devices/:id', async (req, res) => {
    const user = signedIn(req, res)
    if (user === undefined) return
    const isTheirs = await sessions.destroy(req.params.id, { userId: user })
    res.sendStatus(isTheirs ? 204 : 404)
  })

  return routes
}

/** Who asks; undefined: nobody, and the request is answered. */
function signedIn(req: Request, res: Response): string | undefined {
  const { userId } = sessionOf(req)
  if (userId === undefined) res.status(401).json({ error: 'NOT_SIGNED_IN' })
  return userId
}

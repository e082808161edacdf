import { json } from '@adjourn/example-accounts/hono'
import { passwordChange } from '@adjourn/example-accounts/input'
import type { Env } from '@adjourn/hono'
import { Hono } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { AppData, AppOptions } from './options.ts'

/** What a signed-in user does with their account and its sessions. */
export const accountRoutes = ({ sessions, accounts }: AppOptions) =>
  new Hono()
    .use(signedIn)
    .get('/', (c) => c.json({ user: c.var.user, visits: c.var.session.data.visits ?? 0 }))
    .post('/visits', async (c) => {
      // Two at once count as two.
      await c.var.session.update((data) => {
        data.visits = (data.visits ?? 0) + 1
      })
      return c.json({ visits: c.var.session.data.visits })
    })
    .post('/password', json(passwordChange), async (c) => {
      const { user } = c.var
      const { current, next } = c.req.valid('json')
      if (!(await accounts.check(user, current))) return c.body(null, 403)
      await accounts.setPassword(user, next)
      // Not `revokeOthers`: that spares everybody if one of the others has just ended this session.
      await sessions.revokeAll(user, { except: c.var.session })
      await c.var.session.rotate()
      return c.body(null, 204)
    })
    .get('/devices', async (c) => c.json(await sessions.list(c.var.user)))
    .delete('/devices', async (c) => {
      await sessions.revokeAll(c.var.user)
      // This browser is one of them, and can be told at once.
      await c.var.session.end()
      return c.body(null, 204)
    })

/** Lets signed-in users pass; what comes after it in the chain knows `c.var.user`. */
const signedIn = createMiddleware<{
  Variables: Env<AppData>['Variables'] & { user: string }
}>(async (c, next) => {
  const { userId } = c.var.session
  if (userId === undefined) return c.body(null, 401)
  c.set('user', userId)
  return next()
})

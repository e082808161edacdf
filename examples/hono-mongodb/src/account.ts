import { passwordChange } from '@adjourn/example-accounts'
import type { Env } from '@adjourn/hono'
import { Hono } from 'hono'
import { createMiddleware } from 'hono/factory'
import { z } from 'zod'
import { json } from '@adjourn/example-accounts/hono'
import type { AppData, AppOptions } from './options.ts'

const appearance = z.object({ theme: z.enum(['light', 'dark']) })

/** What a signed-in user does with their account and its sessions. */
export const accountRoutes = ({ sessions, accounts }: AppOptions) =>
  new Hono()
    .use(signedIn)
    .get('/', (c) => c.json({ user: c.var.user, theme: c.var.session.data.theme ?? 'light' }))
    .put('/theme', json(appearance), async (c) => {
      c.var.session.data.theme = c.req.valid('json').theme
      await c.var.session.save()
      return c.body(null, 204)
    })
    .post('/password', json(passwordChange), async (c) => {
      const { user } = c.var
      const { current, next } = c.req.valid('json')
      if (!(await accounts.check(user, current))) return c.json({ error: 'WRONG_PASSWORD' }, 403)
      await accounts.setPassword(user, next)
      // Where this fails, the password is changed and the answer is 503: `DELETE /devices` tries again.
      // Not `revokeOthers`: that spares everybody if one of the others has just ended this session.
      await sessions.revokeAll(user, { except: c.var.session })
      await c.var.session.rotate()
      return c.body(null, 204)
    })
    .get('/devices', async (c) => {
      const devices = await sessions.list(c.var.user)
      return c.json(
        devices.map((device) => ({ ...device, isThisOne: device.id === c.var.session.id })),
      )
    })
    // All but this one.
    .delete('/devices', async (c) => c.json({ ended: await c.var.session.revokeOthers() }))
    .delete('/devices/:id', async (c) => {
      const isTheirs = await sessions.destroy(c.req.param('id'), { userId: c.var.user })
      return c.body(null, isTheirs ? 204 : 404)
    })

/** Lets signed-in users pass; what comes after it in the chain knows `c.var.user`. */
const signedIn = createMiddleware<{
  Variables: Env<AppData>['Variables'] & { user: string }
}>(async (c, next) => {
  const { userId } = c.var.session
  if (userId === undefined) return c.json({ error: 'NOT_SIGNED_IN' }, 401)
  c.set('user', userId)
  return next()
})

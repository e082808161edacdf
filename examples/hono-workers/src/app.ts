import { credentials } from '@adjourn/example-accounts/input'
import { json, sameOrigin } from '@adjourn/example-accounts/hono'
import { session } from '@adjourn/hono'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { accountRoutes } from './account.ts'
import { events } from './events.ts'
import type { AppOptions } from './options.ts'

/** Without `onError`: Hono answers a `SessionError` with the status that fits. */
export function createApp(options: AppOptions) {
  const { sessions, accounts } = options
  const app = new Hono()
    .use(sameOrigin, session(sessions), bodyLimit({ maxSize: 10 * 1024 }))
    .post('/login', json(credentials), async (c) => {
      const { user, password } = c.req.valid('json')
      // Before the password is checked: if it is changed meanwhile, this login ends with the rest.
      const fence = await sessions.fence(user)
      if (!(await accounts.check(user, password))) return c.body(null, 401)
      await c.var.session.create({ userId: user, fence })
      return c.json({ user })
    })
    .post('/logout', async (c) => {
      // Awaited, as all calls are: what a worker leaves under way when it answers may be cancelled.
      await c.var.session.end()
      return c.body(null, 204)
    })
    .get('/events', (c) => events(c, sessions))
  return app.route('/account', accountRoutes(options))
}

import { setTimeout as delay } from 'node:timers/promises'
import { session, type Env } from '@adjourn/hono'
import { Hono } from 'hono'
import type { Accounts } from '@adjourn/example-accounts'
import { field } from './form.ts'
import { page } from './page.ts'
import type { AppData, AppSessions } from './sessions.ts'

/** No error handler is needed: Hono answers a `SessionError` with the status that fits. */
export function honoApp(
  sessions: AppSessions,
  accounts: Accounts,
  slowFor: number,
): Hono<Env<AppData>> {
  const app = new Hono<Env<AppData>>()
  app.use(session(sessions))

  app.get('/', (c) => c.html(page('Hono', c.var.session.userId)))

  app.get('/whoami', (c) => {
    const { userId = null, id = null } = c.var.session
    return c.json({ user: userId, session: id })
  })

  app.post('/login', async (c) => {
    const form = await c.req.parseBody()
    const user = field(form, 'user')
    if (user === '') return c.text('Who?\n', 400)
    // Before the password is checked: if it is changed meanwhile, this login ends with the rest.
    const fence = await sessions.fence(user)
    if (!(await accounts.check(user, field(form, 'password')))) {
      return c.text('Wrong user or password\n', 401)
    }
    await c.var.session.create({ userId: user, fence })
    return c.redirect('/', 303)
  })

  app.post('/logout', async (c) => {
    await c.var.session.end()
    return c.redirect('/', 303)
  })

  app.post('/password', async (c) => {
    const current = c.var.session
    const form = await c.req.parseBody()
    const next = field(form, 'next')
    if (current.userId === undefined || next === '') return c.text('Bad Request', 400)
    if (!(await accounts.check(current.userId, field(form, 'current')))) {
      return c.text('Wrong password\n', 403)
    }
    await accounts.setPassword(current.userId, next)
    await current.revokeOthers()
    return c.redirect('/', 303)
  })

  app.post('/slow', async (c) => {
    const current = c.var.session
    if (current.userId === undefined) return c.redirect('/', 303)
    await delay(slowFor)
    current.data.note = 'written late'
    await current.save()
    return c.body(null, 204)
  })

  return app
}

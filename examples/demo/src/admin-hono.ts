import type { Env } from '@adjourn/hono'
import type { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { Demo } from './demo.ts'
import { field } from './form.ts'
import { signedInFrame } from './frame.ts'
import { adminOf, liveAdmin } from './models.ts'
import { adminPage } from './pages/admin.ts'
import { targetOf } from './revocation.ts'
import type { AppData } from './sessions.ts'
import * as web from './web-hono.ts'

/** Other people's sessions. */
export function adminRoutes(app: Hono<Env<AppData>>, demo: Demo): void {
  const { sessions } = demo

  // To whom is no admin, it says that the session is over.
  app.get('/admin/events', (c) =>
    web.sendEvents(c, liveAdmin(demo, c.var.session, field(c.req.query(), 'q'))),
  )

  app.use('/admin/*', web.onlyAdmins)

  app.get('/admin', async (c) => {
    const current = c.var.session
    const frame = await signedInFrame(web.frame(demo, c), current)
    return c.html(adminPage(frame, await adminOf(demo, current, field(c.req.query(), 'q'))))
  })

  app.post('/admin/end', async (c) => {
    const ended = await sessions.destroy(field(await web.form(c), 'id'))
    const notice = ended ? 'That session has ended.' : 'It was over already.'
    await c.var.session.flash('notice', notice)
    return c.redirect('/admin', 303)
  })

  app.post('/admin/revoke', async (c) => {
    const current = c.var.session
    const target = targetOf(await web.form(c))
    if (target === undefined) throw new HTTPException(400)
    const count = await sessions.revokeAll(target, { except: current })
    await current.flash('notice', `Sessions that were ended: ${count}.`)
    return c.redirect('/admin', 303)
  })
}

import { sessionOf } from '@adjourn/express'
import type { Express } from 'express'
import type { Demo } from './demo.ts'
import { field } from './form.ts'
import { signedInFrame } from './frame.ts'
import { adminOf, liveAdmin } from './models.ts'
import { adminPage } from './pages/admin.ts'
import { targetOf } from './revocation.ts'
import * as web from './web-express.ts'

/** Other people's sessions. */
export function adminRoutes(app: Express, demo: Demo): void {
  const { sessions } = demo

  // To whom is no admin, it says that the session is over.
  app.get('/admin/events', async (req, res) => {
    const current = sessionOf(req, sessions)
    await web.sendEvents(res, liveAdmin(demo, current, field(req.query, 'q')))
  })

  app.use('/admin', web.onlyAdmins)

  app.get('/admin', async (req, res) => {
    const current = sessionOf(req, sessions)
    const frame = await signedInFrame(web.frame(demo, req), current)
    await web.show(res, adminPage(frame, await adminOf(demo, current, field(req.query, 'q'))))
  })

  app.post('/admin/end', async (req, res) => {
    const ended = await sessions.destroy(field(req.body, 'id'))
    const notice = ended ? 'That session has ended.' : 'It was over already.'
    await sessionOf(req, sessions).flash('notice', notice)
    res.redirect(303, '/admin')
  })

  app.post('/admin/revoke', async (req, res) => {
    const current = sessionOf(req, sessions)
    const target = targetOf(req.body)
    if (target === undefined) throw new web.StatusError(400)
    const count = await sessions.revokeAll(target, { except: current })
    await current.flash('notice', `Sessions that were ended: ${count}.`)
    res.redirect(303, '/admin')
  })
}

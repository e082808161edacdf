import { setTimeout as delay } from 'node:timers/promises'
import { session, type Env } from '@adjourn/hono'
import { getConnInfo } from '@hono/node-server/conninfo'
import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { csrf } from 'hono/csrf'
import { adminRoutes } from './admin-hono.ts'
import { FOLDER, type Demo } from './demo.ts'
import { deviceOf } from './device.ts'
import {
  field,
  MOST_BYTES,
  newPasswordError,
  NO_USER,
  WRONG_LOGIN,
  WRONG_PASSWORD,
} from './form.ts'
import { signedInFrame, userOf } from './frame.ts'
import { SLOW_MS } from './measure.ts'
import { devicesOf, liveDevices } from './models.ts'
import { accountPage } from './pages/account.ts'
import { signInPage } from './pages/sign-in.ts'
import type { AppData } from './sessions.ts'
import * as web from './web-hono.ts'
import { whyRoutes } from './why-hono.ts'

type App = Hono<Env<AppData>>

export function honoApp(demo: Demo): App {
  const app: App = new Hono()
  app.use('/static/*', serveStatic({ root: FOLDER }))
  app.use(web.setHeaders, csrf(), bodyLimit({ maxSize: MOST_BYTES }), session(demo.sessions))

  signInRoutes(app, demo)
  accountRoutes(app, demo)
  passwordRoute(app, demo)
  adminRoutes(app, demo)
  whyRoutes(app, demo)
  measuredRoutes(app)

  app.notFound(web.notFound(demo))
  app.onError(web.answerErrors(demo))
  return app
}

function signInRoutes(app: App, demo: Demo): void {
  const { sessions, accounts } = demo

  app.get('/', (c) => {
    if (c.var.session.userId !== undefined) return c.redirect('/account', 303)
    const notice = c.req.query('signed-out') === undefined ? {} : { notice: 'You are signed out.' }
    return c.html(signInPage({ ...web.frame(demo, c), ...notice }))
  })

  app.post('/login', async (c) => {
    const frame = web.frame(demo, c)
    const form = await web.form(c)
    const user = field(form, 'user')
    if (user === '') return c.html(signInPage(frame, { error: NO_USER }), 400)
    const tags = await accounts.tagsOf(user)
    // Before the password is checked: if it is changed meanwhile, this login ends with the rest.
    const fence = await sessions.fence(user, { tags })
    if (!(await accounts.check(user, field(form, 'password')))) {
      return c.html(signInPage(frame, { user, error: WRONG_LOGIN }), 401)
    }
    const device = deviceOf(c.req.header('user-agent'), getConnInfo(c).remote.address)
    await c.var.session.create({ userId: user, tags, fence, device })
    return c.redirect('/account', 303)
  })

  app.post('/logout', async (c) => {
    await c.var.session.end({ clearSiteData: true })
    return c.redirect('/?signed-out', 303)
  })
}

function accountRoutes(app: App, demo: Demo): void {
  const { sessions } = demo

  app.get('/account', web.onlySignedIn, async (c) => {
    const current = c.var.session
    const frame = await signedInFrame(web.frame(demo, c), current)
    return c.html(accountPage(frame, { list: await devicesOf(demo, current) }))
  })

  app.get('/account/events', (c) => web.sendEvents(c, liveDevices(demo, c.var.session)))

  app.post('/sessions/end', web.onlySignedIn, async (c) => {
    const current = c.var.session
    // Only one of theirs, whatever id the form names.
    const id = field(await web.form(c), 'id')
    const ended = await sessions.destroy(id, { userId: userOf(current) })
    await current.flash('notice', ended ? 'That session has ended.' : 'It was over already.')
    return c.redirect('/account', 303)
  })

  app.post('/sessions/end-others', web.onlySignedIn, async (c) => {
    const current = c.var.session
    const count = await current.revokeOthers()
    await current.flash('notice', `Other sessions that were ended: ${count}.`)
    return c.redirect('/account', 303)
  })
}

function passwordRoute(app: App, demo: Demo): void {
  const { sessions, accounts } = demo

  app.post('/password', web.onlySignedIn, async (c) => {
    const current = c.var.session
    const userId = userOf(current)
    const form = await web.form(c)
    const next = field(form, 'next')
    // The step-up: whoever finds an open browser cannot take the account over.
    const isOwner = await accounts.check(userId, field(form, 'current'))
    const error = isOwner ? newPasswordError(next) : WRONG_PASSWORD
    if (error !== undefined) {
      const frame = await signedInFrame(web.frame(demo, c), current)
      const page = accountPage(frame, { list: await devicesOf(demo, current), error })
      return c.html(page, isOwner ? 400 : 403)
    }
    await accounts.setPassword(userId, next)
    // Not `revokeOthers`: that spares everybody if one of the others has just ended this session.
    const count = await sessions.revokeAll(userId, { except: current })
    await current.rotate()
    await current.flash('notice', `Password changed. Other sessions that were ended: ${count}.`)
    return c.redirect('/account', 303)
  })
}

/** For those who measure: who a request is signed in as, and one that saves its session late. */
function measuredRoutes(app: App): void {
  app.get('/whoami', (c) => {
    const { userId = null, id = null } = c.var.session
    return c.json({ user: userId, session: id })
  })

  app.post('/slow', web.onlySignedIn, async (c) => {
    const current = c.var.session
    await delay(SLOW_MS)
    current.data.note = 'written late'
    await current.save()
    return c.body(null, 204)
  })
}

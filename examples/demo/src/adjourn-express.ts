import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { session, sessionOf } from '@adjourn/express'
import express, { type Express } from 'express'
import { adminRoutes } from './admin-express.ts'
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
import * as web from './web-express.ts'
import { whyRoutes } from './why-express.ts'

/** In most apps it is just `req.session`; here express-session's types have taken that name. */
export function expressApp(demo: Demo): Express {
  const app = express()
  app.disable('x-powered-by')
  app.use('/static', express.static(join(FOLDER, 'static')))
  app.use(web.setHeaders, web.refuseCrossSite)
  app.use(express.urlencoded({ limit: MOST_BYTES }), session(demo.sessions))

  signInRoutes(app, demo)
  accountRoutes(app, demo)
  passwordRoute(app, demo)
  adminRoutes(app, demo)
  whyRoutes(app, demo)
  measuredRoutes(app, demo)

  app.use(web.notFound, web.answerErrors(demo))
  return app
}

function signInRoutes(app: Express, demo: Demo): void {
  const { sessions, accounts } = demo

  app.get('/', async (req, res) => {
    if (sessionOf(req, sessions).userId !== undefined) return res.redirect(303, '/account')
    const notice = 'signed-out' in req.query ? { notice: 'You are signed out.' } : {}
    await web.show(res, signInPage({ ...web.frame(demo, req), ...notice }))
  })

  app.post('/login', async (req, res) => {
    const frame = web.frame(demo, req)
    const user = field(req.body, 'user')
    if (user === '') return web.show(res, signInPage(frame, { error: NO_USER }), 400)
    const tags = await accounts.tagsOf(user)
    // Before the password is checked: if it is changed meanwhile, this login ends with the rest.
    const fence = await sessions.fence(user, { tags })
    if (!(await accounts.check(user, field(req.body, 'password')))) {
      return web.show(res, signInPage(frame, { user, error: WRONG_LOGIN }), 401)
    }
    const device = deviceOf(req.headers['user-agent'], req.ip)
    await sessionOf(req, sessions).create({ userId: user, tags, fence, device })
    res.redirect(303, '/account')
  })

  app.post('/logout', async (req, res) => {
    await sessionOf(req, sessions).end({ clearSiteData: true })
    res.redirect(303, '/?signed-out')
  })
}

function accountRoutes(app: Express, demo: Demo): void {
  const { sessions } = demo

  app.get('/account', web.onlySignedIn, async (req, res) => {
    const current = sessionOf(req, sessions)
    const frame = await signedInFrame(web.frame(demo, req), current)
    await web.show(res, accountPage(frame, { list: await devicesOf(demo, current) }))
  })

  app.get('/account/events', async (req, res) => {
    await web.sendEvents(res, liveDevices(demo, sessionOf(req, sessions)))
  })

  app.post('/sessions/end', web.onlySignedIn, async (req, res) => {
    const current = sessionOf(req, sessions)
    // Only one of theirs, whatever id the form names.
    const ended = await sessions.destroy(field(req.body, 'id'), { userId: userOf(current) })
    await current.flash('notice', ended ? 'That session has ended.' : 'It was over already.')
    res.redirect(303, '/account')
  })

  app.post('/sessions/end-others', web.onlySignedIn, async (req, res) => {
    const current = sessionOf(req, sessions)
    const count = await current.revokeOthers()
    await current.flash('notice', `Other sessions that were ended: ${count}.`)
    res.redirect(303, '/account')
  })
}

function passwordRoute(app: Express, demo: Demo): void {
  const { sessions, accounts } = demo

  app.post('/password', web.onlySignedIn, async (req, res) => {
    const current = sessionOf(req, sessions)
    const userId = userOf(current)
    const next = field(req.body, 'next')
    // The step-up: whoever finds an open browser cannot take the account over.
    const isOwner = await accounts.check(userId, field(req.body, 'current'))
    const error = isOwner ? newPasswordError(next) : WRONG_PASSWORD
    if (error !== undefined) {
      const frame = await signedInFrame(web.frame(demo, req), current)
      const page = accountPage(frame, { list: await devicesOf(demo, current), error })
      return web.show(res, page, isOwner ? 400 : 403)
    }
    await accounts.setPassword(userId, next)
    // Not `revokeOthers`: that spares everybody if one of the others has just ended this session.
    const count = await sessions.revokeAll(userId, { except: current })
    await current.rotate()
    await current.flash('notice', `Password changed. Other sessions that were ended: ${count}.`)
    res.redirect(303, '/account')
  })
}

/** For those who measure: who a request is signed in as, and one that saves its session late. */
function measuredRoutes(app: Express, { sessions }: Demo): void {
  app.get('/whoami', (req, res) => {
    const { userId = null, id = null } = sessionOf(req, sessions)
    res.json({ user: userId, session: id })
  })

  app.post('/slow', web.onlySignedIn, async (req, res) => {
    const current = sessionOf(req, sessions)
    await delay(SLOW_MS)
    current.data.note = 'written late'
    await current.save()
    res.sendStatus(204)
  })
}

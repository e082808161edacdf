import { session, sessionOf } from '@adjourn/express'
import type { Sessions } from '@adjourn/core'
import express, { type Express } from 'express'
import { onEnd } from './on-end.ts'
import { PAGE } from './page.ts'

/** Server-sent events on Express that end with the session. */
export function expressApp(sessions: Sessions): Express {
  const app = express().use(session(sessions))

  app.get('/events', (req, res) => {
    const current = sessionOf(req, sessions)
    if (current.userId === undefined) return void res.sendStatus(401)
    // The client has gone meanwhile, and 'close' is over.
    if (res.closed) return
    res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    res.write(`data: hello ${current.userId}\n\n`)
    const stopWaiting = onEnd(current, () => res.end())
    res.once('close', stopWaiting)
  })

  app.get('/', (_req, res) => res.type('html').send(PAGE))
  // A real app checks credentials here, and who asks (CSRF) on every POST.
  app.post('/login', async (req, res) => {
    await sessionOf(req, sessions).create({ userId: 'ann' })
    res.redirect(303, '/')
  })
  app.post('/logout', async (req, res) => {
    await sessionOf(req, sessions).end()
    res.redirect(303, '/')
  })
  app.post('/logout-everywhere', async (req, res) => {
    const { userId } = sessionOf(req, sessions)
    if (userId !== undefined) await sessions.revokeAll(userId)
    res.redirect(303, '/')
  })
  return app
}

import { createServer, type Server } from 'node:http'
import type { Sessions } from '@adjourn/core'
import { session, sessionOf } from '@adjourn/express'
import express from 'express'
import { PAGE } from './page.ts'
import { acceptSockets } from './websocket.ts'

/** An app whose signed-in users have a web socket that echoes. */
export function createApp(sessions: Sessions): Server {
  const app = express().use(session(sessions))
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
  const server = createServer(app)
  acceptSockets(server, sessions)
  return server
}

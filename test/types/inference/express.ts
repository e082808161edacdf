// This program has express-session's types, which claim req.session: sessionOf must compile beside
// them.
import { createSessions } from '@adjourn/core'
import { session, sessionOf } from '@adjourn/express'
import express from 'express'
import type { SessionData } from 'express-session'

const sessions = createSessions<{ n: number }>({ secrets: 'x'.repeat(32) })

export const app = express()
  .use(session(sessions))
  .get('/', (req, res) => {
    const n: number | undefined = sessionOf(req, sessions).data.n
    const loose: unknown = sessionOf(req).data['anything']
    const theirs: [string, SessionData['cookie'] | undefined] = [req.sessionID, undefined]
    res.json({ n, loose, theirs })
  })

import '@adjourn/express/augment'
import { createSessions } from '@adjourn/core'
import { session, sessionOf } from '@adjourn/express'
import express from 'express'

const sessions = createSessions<{ cart: string[] }>({ secrets: 'x'.repeat(32) })

export const app = express()
  .use(session(sessions))
  .get('/', (req, res) => {
    const cart: string[] | undefined = sessionOf(req, sessions).data.cart
    const user: string | undefined = req.session.userId
    res.json({ cart, user })
  })
  .post('/logout', async (req, res) => {
    await req.session.end({ clearSiteData: true })
    res.redirect('/')
  })

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createSessions } from '@adjourn/core'
import { session, sessionOf } from '@adjourn/express'
import express from 'express'
import expressSession from 'express-session'
import { expect, it } from 'vitest'

it('express-session, mounted after ours, does nothing', async () => {
  const sessions = createSessions({ secrets: 'the-secret-of-the-migration-tests' })
  const theirs = expressSession({ secret: 'theirs', resave: true, saveUninitialized: true })
  const app = express().use(session(sessions), theirs)
  app.get('/', async (req, res) => {
    const ours = sessionOf(req, sessions)
    await ours.create({ userId: 'ada' })
    res.json({ userId: ours.userId, isOurs: Object.is(req.session, ours) })
  })
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  expect(await response.json()).toEqual({ userId: 'ada', isOurs: true })
  expect(response.headers.getSetCookie()).toEqual([expect.stringMatching(/^__Host-session=/)])
  server.close()
})

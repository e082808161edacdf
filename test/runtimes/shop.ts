import type { SessionStore } from '@adjourn/core'
import { createSessions } from '@adjourn/core'
import { session } from '@adjourn/hono'
import { Hono } from 'hono'
import { SECRET } from './world.ts'

/** The app that is asked from outside, over a socket. */
export function createShop(store: SessionStore) {
  const sessions = createSessions({ store, secrets: SECRET })
  return new Hono()
    .use(session(sessions))
    .get('/who', (c) => c.text(c.var.session.userId ?? 'nobody'))
    .post('/login', async (c) => {
      await c.var.session.create({ userId: 'ada' })
      return c.text('hello')
    })
    .post('/logout', async (c) => {
      await c.var.session.end()
      return c.text('goodbye')
    })
}

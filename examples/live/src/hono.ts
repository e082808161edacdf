import type { Sessions } from '@adjourn/core'
import { session, type Env } from '@adjourn/hono'
import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { onEnd } from './on-end.ts'

/** Server-sent events on Hono that end with the session. */
export function honoApp(sessions: Sessions): Hono<Env> {
  return new Hono<Env>()
    .use(session(sessions))
    .get('/events', (c) => {
      const current = c.var.session
      if (current.userId === undefined) return c.body(null, 401)
      c.header('cache-control', 'no-store')
      const { signal } = current
      return streamSSE(c, async (stream) => {
        const over = new Promise<void>((resolve) => {
          const stopWaiting = onEnd({ signal }, resolve)
          stream.onAbort(() => {
            stopWaiting()
            resolve()
          })
        })
        await stream.writeSSE({ data: `hello ${current.userId}` })
        await over
      })
    })
    .post('/login', async (c) => {
      await c.var.session.create({ userId: 'ann' })
      return c.redirect('/', 303)
    })
    .post('/logout', async (c) => {
      await c.var.session.end()
      return c.redirect('/', 303)
    })
}

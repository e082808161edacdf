import type { Sessions } from '@adjourn/core'
import type { Env } from '@adjourn/hono'
import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { AppData } from './options.ts'

const LOOK_EVERY_MS = 1000

/** Server-sent events that end with the session, a second later at most. */
export function events(c: Context<Env<AppData>>, sessions: Sessions<AppData>): Response {
  const { id, userId } = c.var.session
  if (id === undefined || userId === undefined) return c.body(null, 401)
  return streamSSE(c, async (stream) => {
    await stream.writeSSE({ data: `hello ${userId}` })
    // Not `session.signal`: in a worker, no request can wake another. So this one looks by itself.
    while (!stream.aborted && (await sessions.find(id)) !== undefined) {
      await stream.sleep(LOOK_EVERY_MS)
    }
  })
}

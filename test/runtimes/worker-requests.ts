/** On workerd: requests at the same time, and what is left of one that has been answered. */
import { createSessions, memoryStore, type SessionStore } from '@adjourn/core'
import { session } from '@adjourn/hono'
import { Hono } from 'hono'
import { SECRET, StoppedClock } from './world.ts'

interface Bindings {
  /** Every call of the store asks there first: it is over when that has answered. */
  readonly UPSTREAM: string
}

let app: ReturnType<typeof createApp> | undefined

/** A store that others reach over the network, as far as a request can tell. */
function remote(at: string): SessionStore {
  return new Proxy(memoryStore(), {
    get(target, key) {
      const value: unknown = Reflect.get(target, key)
      if (typeof value !== 'function') return value
      if (key === 'watch') return value.bind(target) as unknown
      return async (...given: unknown[]): Promise<unknown> => {
        const response = await fetch(`${at}/${String(key)}`)
        await response.text()
        return Reflect.apply(value, target, given) as unknown
      }
    },
  })
}

function createApp(upstream: string) {
  const clock = new StoppedClock()
  const sessions = createSessions({ store: remote(upstream), secrets: SECRET, clock })
  return (
    new Hono()
      .post('/advance', async (c) => {
        clock.advance(Number(await c.req.text()))
        return c.text('done')
      })
      // Without a load, which would be a touch.
      .get('/idle/:id', async (c) => {
        const found = await sessions.find(c.req.param('id'))
        return c.text(found ? String((clock.now() - found.lastSeenAt.getTime()) / 1000) : 'over')
      })
      .use(session(sessions))
      .get('/who', (c) => c.text(c.var.session.userId ?? 'nobody'))
      .post('/login', async (c) => {
        await c.var.session.create({ userId: 'ada' })
        return c.text(c.var.session.id ?? '')
      })
      .get('/signal', (c) => c.text(`aborted: ${c.var.session.signal.aborted}`))
      .post('/logout', async (c) => {
        await c.var.session.end()
        return c.text('goodbye')
      })
  )
}

export default {
  fetch(
    request: Request,
    bindings: Bindings,
    context: {
      waitUntil(work: Promise<unknown>): void
      passThroughOnException(): void
      props: unknown
    },
  ): Response | Promise<Response> {
    app ??= createApp(bindings.UPSTREAM)
    return app.fetch(request, bindings, context)
  },
}

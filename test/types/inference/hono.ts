import { createSessions, type Session } from '@adjourn/core'
import { session, type Env } from '@adjourn/hono'
import { Hono } from 'hono'

interface AppData {
  cart: string[]
}

const sessions = createSessions<AppData>({ secrets: 'x'.repeat(32) })

/** Inferred through chained use. */
export const chained = new Hono().use(session(sessions)).get('/', (c) => {
  const cart: string[] | undefined = c.var.session.data.cart
  // @ts-expect-error no such key
  void c.var.session.data.basket
  return c.json(cart ?? [])
})

/** Named, where use and routes are apart. */
export const named = new Hono<Env<AppData>>()
named.use(session(sessions))
named.post('/logout', async (c) => {
  await c.var.session.end()
  return c.redirect('/')
})

export async function typed(current: Session<AppData>): Promise<void> {
  await current.create({ userId: 'u', data: { cart: [] } })
  // @ts-expect-error data of another shape
  await current.create({ data: { cart: 1 } })
  await current.update((data) => ({ cart: [...(data.cart ?? []), 'tea'] }))
  const when: Date | undefined = current.authenticatedAt
  const signal: boolean = current.isFresh(300) && when !== undefined
  void signal
  // @ts-expect-error the session is read only
  current.id = 'x'
}

/** A typical app on Hono: compiled against the tarballs, without Node's types. */
import {
  aal2,
  createSessions,
  memoryStore,
  SessionError,
  type Session,
  type SessionEvent,
  type SessionInfo,
} from '@adjourn/core'
import { openTelemetry } from '@adjourn/core/opentelemetry'
import { session, sessionOf, type Env } from '@adjourn/hono'
import { Hono } from 'hono'

interface AppData {
  cart: string[]
  theme?: 'dark' | 'light'
}

const sessions = createSessions<AppData>({
  ...aal2,
  store: memoryStore({ maxSessions: 1000 }),
  secrets: ['a-secret-of-thirty-two-characters', 'an-older-one-of-thirty-two-chars.'],
  cookie: { sameSite: 'strict' },
  telemetry: openTelemetry(),
  onEvent: (event: SessionEvent) => console.log(event.type),
})

export const app = new Hono()
  .use(session(sessions))
  .post('/login', async (c) => {
    const fence = await sessions.fence('ann', { tags: ['premium'] })
    await c.var.session.create({ userId: 'ann', tags: ['premium'], fence })
    return c.redirect('/')
  })
  .post('/cart', async (c) => {
    c.var.session.data.cart?.push('tea')
    await c.var.session.update((data) => ({ ...data, theme: 'dark' as const }))
    return c.json(c.var.session.data.cart ?? [])
  })
  .post('/logout', async (c) => {
    await sessionOf(c, sessions).end({ clearSiteData: true })
    return c.redirect('/')
  })

export const typed = new Hono<Env<AppData>>().get('/', (c) => c.text(c.var.session.userId ?? ''))

export async function signOutEverywhere(current: Session<AppData>): Promise<SessionInfo[]> {
  try {
    await current.revokeOthers()
  } catch (error) {
    if (!(error instanceof SessionError) || error.code !== 'ERR_SESSION_ENDED') throw error
  }
  await sessions.revokeAll({ tag: 'premium' }, { except: current })
  current.signal.addEventListener('abort', () => console.log('ended'))
  return sessions.list(current.userId ?? '')
}

import { createSessions, type SessionStore, type Sessions } from '@adjourn/core'
import { session, sessionOf } from '@adjourn/express'
import express, { type Express } from 'express'
import { acceptIronSession, type AcceptOptions } from './accept-iron-session.ts'
import type { Users } from './users.ts'

/** What the app keeps in a session. */
interface AppData {
  cart: string[]
}

export interface AppOptions extends Pick<
  AcceptOptions<AppData>,
  'db' | 'password' | 'cutOver' | 'until'
> {
  readonly store: SessionStore
  readonly users: Users
}

export interface App {
  readonly app: Express
  readonly sessions: Sessions<AppData>
}

/** The app as it is now. */
export function createApp({ store, users, ...options }: AppOptions): App {
  const sessions = createSessions<AppData>({
    store,
    secrets: 'a-secret-of-this-example-for-local-use',
    // Plain http, on this machine only.
    cookie: { secure: false },
  })
  const old = acceptIronSession(sessions, {
    ...options,
    cookie: { name: 'iron' },
    userOf: ({ user, cart }) =>
      typeof user === 'string' && user !== ''
        ? { userId: user, data: { cart: Array.isArray(cart) ? cart.map(String) : [] } }
        : undefined,
    mayEnter: async (userId) => users.has(userId),
  })
  const app = express().use(session(sessions), old.accept)

  app.get('/', (req, res) => {
    const { userId = 'nobody', data } = sessionOf(req, sessions)
    res.json({ user: userId, cart: data.cart ?? [] })
  })
  // A real app checks credentials here, and who asks (CSRF) on every POST.
  app.post('/login/:user', async (req, res) => {
    const userId = req.params.user
    const fence = await sessions.fence(userId)
    if (!users.has(userId)) return void res.sendStatus(401)
    await old.end(req, res)
    await sessionOf(req, sessions).create({ userId, fence })
    res.redirect(303, '/')
  })
  app.post('/logout', async (req, res) => {
    await sessionOf(req, sessions).end()
    // A script's request brings an old cookie that was not converted.
    await old.end(req, res)
    res.redirect(303, '/')
  })
  app.post('/password', async (req, res) => {
    const current = sessionOf(req, sessions)
    if (current.userId === undefined) return void res.sendStatus(401)
    await sessions.revokeAll(current.userId, { except: current })
    await current.rotate()
    res.redirect(303, '/')
  })
  return { app, sessions }
}

import express, { type Express, type Request, type Response } from 'express'
import { getIronSession, type IronSession } from 'iron-session'
import type { Users } from './users.ts'

interface OldData {
  user: string
  cart: string[]
}

export interface OldAppOptions {
  readonly password: string | Record<string, string>
  readonly users: Users
  /** Seconds. */
  readonly ttl?: number
}

/** The app as it was. */
export function createOldApp({ password, users, ttl = 86_400 }: OldAppOptions): Express {
  const sessionOf = (req: Request, res: Response): Promise<IronSession<OldData>> =>
    getIronSession(req, res, {
      cookieName: 'iron',
      password,
      ttl,
      cookieOptions: { secure: false },
    })

  const app = express()
  app.get('/', async (req, res) => {
    const session = await sessionOf(req, res)
    res.send(`Hello ${session.user ?? 'nobody'}`)
  })
  app.post('/login/:user', async (req, res) => {
    const { user } = req.params
    if (!users.has(user)) return void res.sendStatus(401)
    const session = await sessionOf(req, res)
    Object.assign(session, { user, cart: ['a book'] })
    await session.save()
    res.redirect(303, '/')
  })
  return app
}

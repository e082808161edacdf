import type { Context } from 'hono'
import { getIronSession, webCookies, type IronSession } from 'iron-session'
import { bySession, type Client } from '../measure/subject.ts'
import type { Open } from './registry.ts'
import { SECRET } from './secret.ts'

interface Kept {
  user: string
  note: string
}

const OPTIONS = { password: SECRET, cookieName: 'iron' }

/** Everything is in the sealed cookie: there is no store, and nothing that could be ended. */
export const open: Open = async (name, framework) => {
  const client = await (framework === 'hono' ? forHono() : forExpress())
  return { name, framework, client, says: bySession, close: async () => {} }
}

async function forExpress(): Promise<Client> {
  const { expressApp } = await import('./express-app.ts')
  return expressApp(
    [
      async (req, res, next) => {
        Object.assign(req, { iron: await getIronSession<Kept>(req, res, OPTIONS) })
        next()
      },
    ],
    {
      who: (req) => ofRequest(req).user,
      logIn: (req, _res, user) => Object.assign(ofRequest(req), { user }).save(),
      logOut: async (req) => ofRequest(req).destroy(),
      save: (req, _res, note) => Object.assign(ofRequest(req), { note }).save(),
    },
  )
}

async function forHono(): Promise<Client> {
  const { honoApp } = await import('./hono-app.ts')
  return honoApp(
    [
      async (c, next) => {
        const headers = new Headers()
        c.set('iron', await getIronSession<Kept>(webCookies(c.req.raw, headers), OPTIONS))
        await next()
        for (const cookie of headers.getSetCookie()) {
          c.header('Set-Cookie', cookie, { append: true })
        }
      },
    ],
    {
      who: (c) => ofContext(c).user,
      logIn: (c, user) => Object.assign(ofContext(c), { user }).save(),
      logOut: async (c) => ofContext(c).destroy(),
      save: (c, note) => Object.assign(ofContext(c), { note }).save(),
    },
  )
}

function ofRequest(request: object): IronSession<Kept> {
  return (request as { iron: IronSession<Kept> }).iron
}

function ofContext(c: Context): IronSession<Kept> {
  return c.get('iron') as IronSession<Kept>
}

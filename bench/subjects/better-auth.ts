import { bySession, type Backend, type Client } from '../measure/subject.ts'
import { loadPeer } from '../peers/load.ts'
import type { Open } from './registry.ts'
import { SECRET } from './secret.ts'

/** Of better-auth, what is used here. */
interface Peer {
  readonly betterAuth: (options: object) => { readonly api: Api }
}

interface Api {
  readonly getSession: (given: { headers: Headers }) => Promise<Auth | null>
  readonly signUpEmail: (given: { body: object; returnHeaders: true }) => Promise<Answered>
  readonly signInEmail: (given: { body: object; returnHeaders: true }) => Promise<Answered>
  readonly signOut: (given: { headers: Headers; returnHeaders: true }) => Promise<Answered>
}

interface Auth {
  readonly user: { readonly name: string }
}

interface Answered {
  readonly headers: Headers
}

interface Adapter {
  readonly mongodbAdapter: (db: unknown, options: object) => unknown
}

/** Its check of a session, `auth.api.getSession`; it keeps no data of the app in one. */
export const open: Open = async (name, framework, backend) => {
  const api = await createApi(backend, name)
  const signedUp = new Set<string>()
  const logIn = async (user: string): Promise<string[]> => {
    const body = { email: `${user}@app.example`, password: 'the password', name: user }
    const way = signedUp.has(user) ? api.signInEmail : api.signUpEmail
    const { headers } = await way({ body, returnHeaders: true })
    signedUp.add(user)
    return headers.getSetCookie()
  }
  const client = await (framework === 'hono' ? forHono(api, logIn) : forExpress(api, logIn))
  return { name, framework, client, says: bySession, close: async () => {} }
}

async function createApi(backend: Backend, name: string): Promise<Api> {
  const { betterAuth } = await loadPeer<Peer>('better-auth')
  const { mongodbAdapter } = await loadPeer<Adapter>('better-auth/adapters/mongodb')
  const { api } = betterAuth({
    database: mongodbAdapter(backend.db(name), { client: backend.mongo }),
    secret: SECRET,
    baseURL: 'http://127.0.0.1',
    telemetry: { enabled: false },
    emailAndPassword: {
      enabled: true,
      // What a good hash of a password takes is not what is compared here.
      password: {
        hash: async (password: string) => password,
        verify: async ({ hash, password }: { hash: string; password: string }) => hash === password,
      },
    },
  })
  return api
}

type LogIn = (user: string) => Promise<string[]>

async function forExpress(api: Api, logIn: LogIn): Promise<Client> {
  const { expressApp } = await import('./express-app.ts')
  const { fromNodeHeaders } = await loadPeer<{ fromNodeHeaders: (given: object) => Headers }>(
    'better-auth/node',
  )
  return expressApp(
    [
      async (req, _res, next) => {
        Object.assign(req, {
          auth: await api.getSession({ headers: fromNodeHeaders(req.headers) }),
        })
        next()
      },
    ],
    {
      who: (req) => (req as { auth?: Auth | null }).auth?.user.name,
      logIn: async (_req, res, user) => {
        res.append('Set-Cookie', await logIn(user))
      },
      logOut: async (req, res) => {
        const headers = fromNodeHeaders(req.headers)
        const answer = await api.signOut({ headers, returnHeaders: true })
        res.append('Set-Cookie', answer.headers.getSetCookie())
      },
    },
  )
}

async function forHono(api: Api, logIn: LogIn): Promise<Client> {
  const { honoApp } = await import('./hono-app.ts')
  return honoApp(
    [
      async (c, next) => {
        c.set('auth', await api.getSession({ headers: c.req.raw.headers }))
        await next()
      },
    ],
    {
      who: (c) => (c.get('auth') as Auth | null)?.user.name,
      logIn: async (c, user) => {
        for (const cookie of await logIn(user)) c.header('Set-Cookie', cookie, { append: true })
      },
      logOut: async (c) => {
        const { headers } = c.req.raw
        const answer = await api.signOut({ headers, returnHeaders: true })
        for (const cookie of answer.headers.getSetCookie()) {
          c.header('Set-Cookie', cookie, { append: true })
        }
      },
    },
  )
}

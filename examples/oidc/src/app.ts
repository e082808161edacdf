import { createSessions, SessionError, type Sessions } from '@adjourn/core'
import { session, type Env } from '@adjourn/hono'
import { backchannelLogout, endSessionUrl } from '@adjourn/tokens'
import { Hono } from 'hono'
import { csrf } from 'hono/csrf'
import { allowInsecureRequests, discovery } from 'openid-client'
import { finishLogin, startLogin, type Login } from './login.ts'

/** What the app keeps in a session. */
interface AppData {
  /** For the provider, when the user signs out. */
  idToken: string
}

export interface AppOptions {
  /** Where the app is. */
  readonly origin: string
  /** Where the provider is; it must be running. */
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
}

export interface App {
  readonly app: Hono<Env<AppData>>
  readonly sessions: Sessions<AppData>
}

/** An app whose users sign in at an OpenID provider, and are signed out when they sign out there. */
export async function createApp(options: AppOptions): Promise<App> {
  const { origin, clientId } = options
  const config = await discovery(
    new URL(options.issuer),
    clientId,
    options.clientSecret,
    undefined,
    {
      // Plain http, on this machine only.
      execute: [allowInsecureRequests],
    },
  )
  const {
    issuer,
    jwks_uri: jwks = '',
    end_session_endpoint: endpoint = '',
  } = config.serverMetadata()
  const sessions = createSessions<AppData>({
    secrets: 'a-secret-of-this-example-for-local-use',
    cookie: { secure: false },
  })
  const logout = backchannelLogout(sessions, { issuer, clientId, jwks })

  const app = new Hono<Env<AppData>>()
    // Ahead of the rest: the provider sends no cookie and no Origin.
    .post('/backchannel-logout', (c) => logout(c.req.raw))
    .use(csrf(), session(sessions))
    .get('/', (c) => c.html(page(c.var.session.userId)))
    .get('/login', async (c) => {
      const { login, url } = await startLogin(config, origin)
      await c.var.session.flash('login', login)
      return c.redirect(url)
    })
    .get('/callback', async (c) => {
      const login = await c.var.session.flash<Login>('login')
      if (login === undefined) return c.redirect('/login')
      // Until the code is exchanged, nobody knows whose login a logout at the provider would end.
      const since = new Date()
      const { userId, sid, idToken } = await finishLogin(config, login, c.req.url)
      const federation = { issuer, subject: userId, ...(sid !== undefined && { sid }) }
      try {
        const fence = await sessions.fence(userId, { federation, since })
        // A real app looks its user up here.
        await c.var.session.create({ userId, federation, fence, data: { idToken } })
      } catch (error) {
        if (isRevoked(error)) return c.redirect('/login')
        throw error
      }
      return c.redirect('/')
    })
    .post('/logout', async (c) => {
      const { idToken: idTokenHint } = c.var.session.data
      await c.var.session.end()
      const postLogoutRedirectUri = `${origin}/`
      return c.redirect(
        endSessionUrl({ endpoint, clientId, idTokenHint, postLogoutRedirectUri }),
        303,
      )
    })
  return { app, sessions }
}

/** Whether a logout at the provider overtook the login. */
function isRevoked(error: unknown): boolean {
  return error instanceof SessionError && error.code === 'ERR_SESSION_REVOKED'
}

function page(userId: string | undefined): string {
  const name = (userId ?? 'nobody').replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  const next =
    userId === undefined
      ? '<a href="/login">Sign in</a>'
      : '<form method="post" action="/logout"><button>Sign out</button></form>'
  return `<!doctype html><html lang="en"><title>App</title><p>Hello ${name}</p>${next}`
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach } from 'vitest'
import { signInTests, USER } from './sign-in.ts'
import type { Ask } from './visitor.ts'

type Handler = (request: Request) => Promise<Response>
type Route = Readonly<Record<string, Handler>>

const folder = mkdtempSync(join(tmpdir(), 'adjourn-next-'))
// What Next reads from the environment when it loads the app.
process.env['SESSION_SECRETS'] = 'the-secret-of-the-examples-tests-0'
process.env['SESSIONS_FILE'] = join(folder, 'sessions.db')
const { sessions } = await import('@adjourn/example-next/sessions')
const routes: Readonly<Record<string, Route>> = {
  '/login': await import('@adjourn/example-next/login'),
  '/logout': await import('@adjourn/example-next/logout'),
  '/account': await import('@adjourn/example-next/account'),
  '/account/password': await import('@adjourn/example-next/account/password'),
}

/** As Next calls a route handler. */
const ask: Ask = async (path, { method = 'GET', headers = {}, body }) => {
  const request = new Request(`https://app.example${path}`, {
    method,
    headers,
    ...(body !== undefined && { body }),
  })
  const handler = routes[path]?.[method]
  if (handler === undefined) throw new Error(`No handler of ${method} ${path}`)
  const response = await handler(request)
  return {
    status: response.status,
    location: response.headers.get('location') ?? undefined,
    setCookies: response.headers.getSetCookie(),
    body: await response.text(),
  }
}

afterEach(() => sessions.revokeAll(USER))
afterAll(async () => {
  await sessions.close()
  rmSync(folder, { recursive: true })
})

signInTests(() => ({ ask, records: async (user) => (await sessions.list(user)).length }))

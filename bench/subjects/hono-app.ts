import { Hono, type Context, type MiddlewareHandler } from 'hono'
import { honoClient } from '../measure/hono-client.ts'
import { NOBODY, type Client } from '../measure/subject.ts'

/** What a subject does in the handlers, which are the same for all. */
export interface HonoActs {
  who(c: Context): string | undefined | Promise<string | undefined>
  logIn?(c: Context, user: string): Promise<void>
  logOut?(c: Context): Promise<void>
  save?(c: Context, value: string): Promise<void>
}

export function honoApp(middleware: readonly MiddlewareHandler[], acts: HonoActs): Client {
  const app = new Hono()
  let saves = 0
  for (const handler of middleware) app.use(handler)
  app.get('/me', async (c) => c.text((await acts.who(c)) ?? NOBODY))
  app.post('/login/:user', async (c) => {
    await acts.logIn?.(c, c.req.param('user'))
    return c.text('in')
  })
  app.post('/logout', async (c) => {
    await acts.logOut?.(c)
    return c.text('out')
  })
  app.post('/save', async (c) => {
    await acts.save?.(c, `value ${++saves}`)
    return c.text('saved')
  })
  return honoClient(app)
}

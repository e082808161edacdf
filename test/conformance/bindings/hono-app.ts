import type { Session } from '@adjourn/core'
import type { Handler, Mounted, Reply, RunningApp, StartBinding } from '@adjourn/core/testing'
import { session, sessionOf } from '@adjourn/hono'
import { createAdaptorServer } from '@hono/node-server'
import { Hono, type Context } from 'hono'
import { stream } from 'hono/streaming'
import type { StatusCode } from 'hono/utils/http-status'
import type { Server } from 'node:http'
import { listen } from './listen.ts'

/** How a Hono app is asked. */
export type Serving = (app: Pick<Hono, 'fetch'>) => Promise<RunningApp>

/** Calls the app with the platform's own Request and Response. */
export const inProcess: Serving = async (app) => ({
  at: (request) => app.fetch(request),
  close: async () => {},
})

/** Over sockets; the server puts its own Request and Response in place of the platform's. */
export const onNodeServer: Serving = (app) =>
  listen(createAdaptorServer({ fetch: app.fetch }) as Server)

/** Starts the suite's routes on Hono. */
export function startHono(serving: Serving): StartBinding {
  return async (routes, { sessions, others }: Mounted) => {
    const app = new Hono()
    const all = [sessions, ...others]
    for (const each of all) app.use(session(each))
    for (const [path, handler] of Object.entries(routes)) {
      const found = (c: Context): Session[] => all.map((each) => sessionOf(c, each))
      app.all(path, (c) => handle(handler, c, found(c)))
    }
    return serving(app)
  }
}

async function handle(
  handler: Handler,
  c: Context,
  [first, ...others]: Session[],
): Promise<Response> {
  let answer: Response | undefined
  const reply = replyWith(c, (response) => {
    answer = response
  })
  if (first !== undefined) await handler(first, reply, others)
  return answer ?? c.notFound()
}

function replyWith(c: Context, answer: (response: Response) => void): Reply {
  return {
    setHeader: (name, value) => c.header(name, value),
    addHeader: (name, value) => c.header(name, value, { append: true }),
    send: (status, body) => answer(c.newResponse(body ?? null, status as StatusCode)),
    redirect: (location) => answer(c.redirect(location)),
    stream: (parts) =>
      answer(
        stream(c, async (out) => {
          for await (const part of parts) await out.write(part)
        }),
      ),
  }
}

import { session, sessionOf } from '@adjourn/express'
import type { Handler, Mounted, Reply, RunningApp, StartBinding } from '@adjourn/core/testing'
import type express from 'express'
import { listen } from './listen.ts'

/** Starts the suite's routes on a version of Express. */
export function startExpress(create: typeof express): StartBinding {
  return async (routes, mounted): Promise<RunningApp> => {
    const app = create()
    for (const each of [mounted.sessions, ...mounted.others]) app.use(session(each))
    for (const [path, handler] of Object.entries(routes)) app.all(path, handling(handler, mounted))
    return listen(app)
  }
}

function handling(handler: Handler, { sessions, others }: Mounted): express.RequestHandler {
  return async (request, response, next) => {
    const [first, ...rest] = [sessions, ...others].map((each) => sessionOf(request, each))
    try {
      if (first !== undefined) await handler(first, replyWith(response), rest)
    } catch (error) {
      // Express 5 does so by itself.
      next(error)
    }
  }
}

function replyWith(response: express.Response): Reply {
  return {
    setHeader: (name, value) => void response.setHeader(name, value),
    addHeader: (name, value) => void response.append(name, value),
    send(status, body) {
      response.status(status)
      if (body === undefined) response.end()
      else response.send(body)
    },
    redirect: (location) => response.redirect(location),
    async stream(parts) {
      response.flushHeaders()
      for await (const part of parts) response.write(part)
      response.end()
    },
  }
}

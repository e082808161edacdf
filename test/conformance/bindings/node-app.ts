import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Session } from '@adjourn/core'
import type { Mounted, Reply, Routes, RunningApp } from '@adjourn/core/testing'
import { sessionOf, withSession } from '@adjourn/node'
import { listen } from './listen.ts'

type Listener = (request: IncomingMessage, response: ServerResponse) => unknown

/** Starts the suite's routes on Node's own server. */
export async function startNodeHttp(
  routes: Routes,
  { sessions, others }: Mounted,
): Promise<RunningApp> {
  const all = [sessions, ...others]

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const handler = routes[new URL(request.url ?? '', 'http://127.0.0.1').pathname]
    const [first, ...rest] = all.map((each): Session => sessionOf(request, each))
    if (handler === undefined || first === undefined) response.writeHead(404).end()
    else await handler(first, replyWith(response), rest)
  }

  // The first mounted is the outermost.
  return listen(all.reduceRight<Listener>((inner, each) => withSession(each, inner), route))
}

function replyWith(response: ServerResponse): Reply {
  return {
    setHeader: (name, value) => void response.setHeader(name, value),
    addHeader: (name, value) => void response.appendHeader(name, value),
    send: (status, body) => void response.writeHead(status).end(body),
    redirect: (location) => void response.writeHead(302, { location }).end(),
    async stream(parts) {
      response.flushHeaders()
      for await (const part of parts) response.write(part)
      response.end()
    },
  }
}

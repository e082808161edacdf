import { createAdaptorServer } from '@hono/node-server'
import type { Server } from 'node:http'
import type { Session } from '@adjourn/core'
import type { Handler, Mounted, Reply, Routes, RunningApp } from '@adjourn/core/testing'
import { sessionOf, withSession } from '@adjourn/fetch'
import { listen } from './listen.ts'

export type FetchApp = (request: Request) => Promise<Response>

/** How an app is asked. */
export type Serving = (app: FetchApp) => Promise<RunningApp>

/** Calls the app with the platform's own Request and Response, and answers what it throws. */
export const inProcess: Serving = async (app) => ({
  async at(request) {
    const response = await app(request).catch(() => new Response(null, { status: 500 }))
    // A server sends no body in answer to HEAD.
    return request.method === 'HEAD' ? new Response(null, response) : response
  },
  close: async () => {},
})

/** Over sockets. */
export const onNodeServer: Serving = (app) => listen(createAdaptorServer({ fetch: app }) as Server)

/** Starts the suite's routes on a fetch handler. */
export function startFetch(serving: Serving) {
  return (routes: Routes, { sessions, others }: Mounted): Promise<RunningApp> => {
    const all = [sessions, ...others]

    async function route(request: Request): Promise<Response> {
      const handler = routes[new URL(request.url).pathname]
      if (handler === undefined) return new Response(null, { status: 404 })
      return handle(
        handler,
        all.map((each) => sessionOf(request, each)),
      )
    }

    // The first mounted is the outermost.
    return serving(all.reduceRight<FetchApp>((inner, each) => withSession(each, inner), route))
  }
}

async function handle(handler: Handler, [first, ...others]: Session[]): Promise<Response> {
  const headers = new Headers()
  let answer: Response | undefined
  const reply: Reply = {
    setHeader: (name, value) => headers.set(name, value),
    addHeader: (name, value) => headers.append(name, value),
    send(status, body) {
      answer = new Response(body ?? null, { status, headers })
    },
    redirect(location) {
      headers.set('location', location)
      answer = new Response(null, { status: 302, headers })
    },
    stream(parts) {
      answer = new Response(streamOf(parts), { headers })
    },
  }
  if (first !== undefined) await handler(first, reply, others)
  return answer ?? new Response(null, { status: 404 })
}

/** A body that comes as its parts do. */
export function streamOf(parts: AsyncIterable<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream({
    async start(controller) {
      for await (const part of parts) controller.enqueue(encoder.encode(part))
      controller.close()
    },
  })
}

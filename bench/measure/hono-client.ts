import { createServer } from 'node:http'
import type { Hono } from 'hono'
import { pairs } from './pairs.ts'
import type { Client, Send } from './subject.ts'

const ORIGIN = 'http://127.0.0.1'

/** In process: what the app costs, not the socket. */
export function honoClient(app: Pick<Hono, 'fetch'>): Client {
  const send: Send = async ({ method = 'GET', path, cookie }, read = false) => {
    const headers: Record<string, string> = cookie === undefined ? {} : { cookie }
    const response = await app.fetch(new Request(ORIGIN + path, { method, headers }))
    const { status } = response
    if (!read) return { status }
    const cookies = response.headers.getSetCookie()
    return { status, cookie: pairs(cookies), body: await response.text() }
  }
  return {
    connect: () => send,
    async server() {
      const { getRequestListener } = await import('@hono/node-server')
      const listener = getRequestListener(app.fetch)
      return createServer((request, response) => void listener(request, response))
    },
  }
}

/** A real app on sockets: what its requests do is in their paths. */
import { session, sessionOf } from '@adjourn/express'
import type { Session, Sessions } from '@adjourn/core'
import express, { type ErrorRequestHandler, type Response } from 'express'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface App {
  readonly server: Server
  readonly at: string
}

/** @param keep Is given each request: what a leak would hold on to. */
export async function startApp(sessions: Sessions, keep: (request: object) => void): Promise<App> {
  const app = express()
  app.use((request, _response, next) => {
    keep(request)
    next()
  })
  app.use(session(sessions))
  for (const [path, handle] of Object.entries(routes(sessions))) {
    app.get(path, async (request, response) => {
      await handle(sessionOf(request, sessions), response, String(request.params['name']))
    })
  }
  const failed: ErrorRequestHandler = (error: { status?: number }, _request, response, _next) => {
    response.status(error.status ?? 500).end()
  }
  app.use(failed)
  const server = app.listen(0, '127.0.0.1')
  // A connection that is closed as a request comes is Node's affair, not what is looked for here.
  server.keepAliveTimeout = 600_000
  await once(server, 'listening')
  return { server, at: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

type Handle = (current: Session, response: Response, name: string) => unknown

function routes(sessions: Sessions): Readonly<Record<string, Handle>> {
  return {
    '/who': ({ userId }, response) => response.send(userId ?? 'nobody'),
    '/login/:name': async (current, response, name) => {
      const fence = await sessions.fence(name)
      await current.create({ userId: name, fence, device: { label: 'soak' } })
      response.send('in')
    },
    '/visit/:name': async (current, response, name) => {
      await current.create({ tags: [name], data: { visits: 1 } })
      response.send('in')
    },
    '/save': async (current, response) => {
      await current.update((data) => ({ ...data, n: Number(data['n'] ?? 0) + 1 }))
      await current.flash('notice', 'Saved')
      response.send('saved')
    },
    '/rotate': async (current, response) => {
      await current.rotate()
      response.send('rotated')
    },
    '/others': async (current, response) => {
      await current.revokeOthers()
      response.send('alone')
    },
    '/list': async ({ userId }, response) => {
      response.json(await sessions.list(userId ?? 'nobody'))
    },
    '/logout': async (current, response) => {
      await current.end()
      response.send('out')
    },
    '/revoke/:name': async (_current, response, name) => {
      await sessions.revokeAll(name)
      await sessions.revokeAll({ tag: name })
      response.send('revoked')
    },
    '/watch': ({ signal }, response) => {
      response.write('open')
      const end = (): void => void response.end()
      if (signal.aborted) end()
      signal.addEventListener('abort', end)
      response.on('close', () => signal.removeEventListener('abort', end))
    },
  }
}

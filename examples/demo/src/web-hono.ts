import { SessionError } from '@adjourn/core'
import type { Env } from '@adjourn/hono'
import type { Context, ErrorHandler, MiddlewareHandler, NotFoundHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { streamSSE } from 'hono/streaming'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { HEADERS, isAdmin, type Demo } from './demo.ts'
import { frameOf, userFrame } from './frame.ts'
import { liveEvents, type Live } from './live.ts'
import { errorPage } from './pages/error.ts'
import type { Frame } from './pages/layout.ts'
import type { AppData } from './sessions.ts'

type Here = Env<AppData>

export function frame({ ports }: Demo, { req }: Context): Frame {
  const { method, path } = req
  return frameOf({ framework: 'Hono', ports, host: req.header('host'), method, path })
}

/** The fields of a form; none where the body is anything else. */
export async function form(c: Context): Promise<unknown> {
  try {
    return await c.req.parseBody()
  } catch {
    return {}
  }
}

/** Sends what a page is to know until its session ends or it is closed. */
export function sendEvents(c: Context, live: Live): Response {
  const response = streamSSE(c, async (stream) => {
    const gone = new AbortController()
    stream.onAbort(() => gone.abort())
    for await (const event of liveEvents(live, gone.signal)) await stream.writeSSE(event)
  })
  response.headers.set('cache-control', 'no-store')
  return response
}

export const setHeaders: MiddlewareHandler = async (c, next) => {
  for (const [name, value] of Object.entries(HEADERS)) c.header(name, value)
  await next()
}

export const onlySignedIn: MiddlewareHandler<Here> = async (c, next) =>
  c.var.session.userId === undefined ? c.redirect('/', 303) : next()

export const onlyAdmins: MiddlewareHandler<Here> = async (c, next) => {
  if (c.var.session.userId === undefined) return c.redirect('/', 303)
  if (!isAdmin(c.var.session)) throw new HTTPException(403)
  return next()
}

/** For a page that says what went wrong, maybe before the session was loaded. */
function errorFrame(demo: Demo, c: Context<Here>): Frame {
  const { session }: Partial<Here['Variables']> = c.var
  return userFrame(frame(demo, c), session)
}

export function notFound(demo: Demo): NotFoundHandler<Here> {
  return (c) => c.html(errorPage(errorFrame(demo, c), 404), 404)
}

/** A `SessionError` says which status fits; so do Hono's own errors. */
export function answerErrors(demo: Demo): ErrorHandler<Here> {
  return (error, c) => {
    const isKnown = error instanceof SessionError || error instanceof HTTPException
    if (!isKnown) console.error(error)
    const status = isKnown ? error.status : 500
    return c.html(errorPage(errorFrame(demo, c), status), status as ContentfulStatusCode)
  }
}

import { keptSession } from '@adjourn/core/binding'
import { sessionOf } from '@adjourn/express'
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express'
import { HEADERS, isAdmin, type Demo } from './demo.ts'
import { frameOf, userFrame } from './frame.ts'
import { liveEvents, toText, type Live } from './live.ts'
import { errorPage } from './pages/error.ts'
import type { Frame, Html } from './pages/layout.ts'

export function frame({ ports }: Demo, { headers, method, path }: Request): Frame {
  return frameOf({ framework: 'Express', ports, host: headers.host, method, path })
}

export async function show(res: Response, page: Html, status = 200): Promise<void> {
  res
    .status(status)
    .type('html')
    .send(String(await page))
}

/** Sends what a page is to know until its session ends or it is closed. */
export async function sendEvents(res: Response, live: Live): Promise<void> {
  const gone = new AbortController()
  res.once('close', () => gone.abort())
  // The browser has gone meanwhile, and 'close' is over.
  if (res.closed) return
  res.writeHead(200, { 'content-type': 'text/event-stream' })
  for await (const event of liveEvents(live, gone.signal)) res.write(toText(event))
  res.end()
}

export const setHeaders: RequestHandler = (_req, res, next) => {
  res.set(HEADERS)
  next()
}

/** What `hono/csrf` does: browsers say where a form comes from, and only our own pages may post. */
export const refuseCrossSite: RequestHandler = (req, _res, next) => {
  const { origin, host } = req.headers
  const isOurs =
    req.headers['sec-fetch-site'] === 'same-origin' || origin === `${req.protocol}://${host}`
  if (req.method === 'GET' || req.method === 'HEAD' || isOurs) next()
  else next(new StatusError(403))
}

export const onlySignedIn: RequestHandler = (req, res, next) => {
  if (sessionOf(req).userId === undefined) res.redirect(303, '/')
  else next()
}

export const onlyAdmins: RequestHandler = (req, res, next) => {
  const current = sessionOf(req)
  if (current.userId === undefined) res.redirect(303, '/')
  else if (isAdmin(current)) next()
  else next(new StatusError(403))
}

export const notFound: RequestHandler = (_req, _res, next) => next(new StatusError(404))

/** A `SessionError` says which status fits; so do Express's own errors. */
export function answerErrors(demo: Demo): ErrorRequestHandler {
  return async (error: unknown, req, res, next) => {
    if (res.headersSent) return next(error)
    const status = error instanceof Error && 'status' in error ? Number(error.status) : 500
    if (status === 500) console.error(error)
    // None, where the error came before it was loaded.
    const current = keptSession(req, demo.sessions)
    await show(res, errorPage(userFrame(frame(demo, req), current), status), status)
  }
}

export class StatusError extends Error {
  readonly status: number

  constructor(status: number) {
    super(`Answered with ${status}`)
    this.status = status
  }
}

import { SessionError } from '@adjourn/core'
import type { ErrorRequestHandler } from 'express'
import { ZodError } from 'zod'

/** Last of all: every rejection of a handler ends up here. */
export const answerErrors: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  // Half an answer cannot be taken back: Express closes the connection.
  if (res.headersSent) return next(error)
  const { status, code } = describe(error)
  // What a client sent wrong is not logged: it may hold a password.
  if (status >= 500) console.error(error)
  res.status(status).json({ error: code })
}

function describe(error: unknown): { status: number; code: string } {
  // 503 when the store cannot be reached: nobody is signed out, and the client may try again.
  if (error instanceof SessionError) return { status: error.status, code: error.code }
  if (error instanceof ZodError) return { status: 400, code: 'BAD_REQUEST' }
  const status = statusOf(error)
  return status < 500 ? { status, code: 'BAD_REQUEST' } : { status, code: 'INTERNAL_ERROR' }
}

/** Express and its body parser say in `status` what is wrong with a request. */
function statusOf(error: unknown): number {
  const { status } = Object(error) as { status?: unknown }
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500
}

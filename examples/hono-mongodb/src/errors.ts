import { SessionError } from '@adjourn/core'
import type { ErrorHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** Every rejection of a handler ends up here. */
export const answerError: ErrorHandler = (error, c) => {
  const { status, code } = describe(error)
  // What a client sent wrong is not logged: it may hold a password.
  if (status >= 500) console.error(error)
  return c.json({ error: code }, status as ContentfulStatusCode)
}

function describe(error: unknown): { status: number; code: string } {
  // 503 when the store cannot be reached: nobody is signed out, and the client may try again.
  if (error instanceof SessionError) return { status: error.status, code: error.code }
  if (error instanceof HTTPException && error.status < 500) {
    return { status: error.status, code: 'BAD_REQUEST' }
  }
  return { status: 500, code: 'INTERNAL_ERROR' }
}

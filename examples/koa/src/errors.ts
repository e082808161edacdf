import { SessionError } from '@adjourn/core'
import type { Middleware } from 'koa'
import { ZodError } from 'zod'

/** First of all, so that every rejection ends up here. The session's cookie goes with the answer. */
export const answerErrors: Middleware = async (ctx, next) => {
  try {
    await next()
  } catch (error) {
    const { status, code } = describe(error)
    // What a client sent wrong is not logged: it may hold a password.
    if (status >= 500) console.error(error)
    ctx.status = status
    ctx.body = { error: code }
  }
}

function describe(error: unknown): { status: number; code: string } {
  // 503 when the store cannot be reached: nobody is signed out, and the client may try again.
  if (error instanceof SessionError) return { status: error.status, code: error.code }
  if (error instanceof ZodError) return { status: 400, code: 'BAD_REQUEST' }
  const { status = 500, message = '' } = Object(error) as { status?: number; message?: string }
  // What was thrown by `ctx.throw` says what it is.
  return status < 500 ? { status, code: message } : { status, code: 'INTERNAL_ERROR' }
}

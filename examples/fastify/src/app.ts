import { SessionError } from '@adjourn/core'
import { credentials } from '@adjourn/example-accounts'
import { session, sessionOf } from '@adjourn/node'
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { AppOptions } from './options.ts'
import { accountRoutes } from './account.ts'
import { sameOrigin } from './same-origin.ts'

/** An app of Fastify: what its hook has loaded, handlers find by the raw request. */
export function createApp({ sessions, accounts }: AppOptions): FastifyInstance {
  const app = fastify({ bodyLimit: 10_240 })
  const load = session(sessions)

  app.addHook('onRequest', sameOrigin)
  app.addHook('onRequest', (request, reply, done) => {
    load(request.raw, reply.raw, (error) => done(error as Error | undefined))
  })
  app.setErrorHandler(answerError)

  // A real app also limits how often one may try.
  app.post('/login', async (request, reply) => {
    const { user, password } = credentials.parse(request.body)
    // Before the password is checked: if it is changed meanwhile, this login ends with the rest.
    const fence = await sessions.fence(user)
    if (!(await accounts.check(user, password))) {
      return reply.code(401).send({ error: 'WRONG_CREDENTIALS' })
    }
    await sessionOf(request.raw).create({ userId: user, fence })
    return { user }
  })

  app.post('/logout', async (request, reply) => {
    await sessionOf(request.raw).end()
    return reply.code(204).send()
  })

  accountRoutes(app, { sessions, accounts })
  return app
}

function answerError(error: unknown, _request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, code } = describe(error)
  // What a client sent wrong is not logged: it may hold a password.
  if (status >= 500) console.error(error)
  return reply.code(status).send({ error: code })
}

function describe(error: unknown): { status: number; code: string } {
  // 503 when the store cannot be reached: nobody is signed out, and the client may try again.
  if (error instanceof SessionError) return { status: error.status, code: error.code }
  const isWrongInput = error instanceof z.ZodError
  const { statusCode = isWrongInput ? 400 : 500 } = Object(error) as { statusCode?: number }
  return { status: statusCode, code: statusCode < 500 ? 'BAD_REQUEST' : 'INTERNAL_ERROR' }
}

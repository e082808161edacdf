import { passwordChange } from '@adjourn/example-accounts'
import { sessionOf } from '@adjourn/node'
import type { FastifyInstance } from 'fastify'
import type { AppOptions } from './options.ts'

/** What a signed-in user does with their account. */
export function accountRoutes(app: FastifyInstance, { sessions, accounts }: AppOptions): void {
  app.get('/account', (request, reply) => {
    const { userId } = sessionOf(request.raw)
    if (userId === undefined) return reply.code(401).send({ error: 'NOT_SIGNED_IN' })
    return reply.send({ user: userId })
  })

  app.post('/account/password', async (request, reply) => {
    const session = sessionOf(request.raw)
    const { userId } = session
    if (userId === undefined) return reply.code(401).send({ error: 'NOT_SIGNED_IN' })
    const { current, next } = passwordChange.parse(request.body)
    if (!(await accounts.check(userId, current))) {
      return reply.code(403).send({ error: 'WRONG_PASSWORD' })
    }
    await accounts.setPassword(userId, next)
    await sessions.revokeAll(userId, { except: session })
    await session.rotate()
    return reply.code(204).send()
  })
}

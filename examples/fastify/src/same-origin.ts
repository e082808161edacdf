import { isFromElsewhere } from '@adjourn/example-accounts/same-origin'
import type { onRequestAsyncHookHandler } from 'fastify'

/** Refuses what pages of other origins send. */
export const sameOrigin: onRequestAsyncHookHandler = async (request, reply) => {
  const header = (name: string): string | undefined => {
    const value = request.headers[name]
    return typeof value === 'string' ? value : undefined
  }
  if (isFromElsewhere(request.method, header)) {
    return reply.code(403).send({ error: 'FROM_ELSEWHERE' })
  }
}

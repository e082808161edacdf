import { createSessions, memoryStore } from '@adjourn/core'
import { faultyStore } from '@adjourn/core/testing'
import { Readable } from 'node:stream'
import { createApp } from '@adjourn/example-fastify'
import { session, sessionOf } from '@adjourn/node'
import { fastify, type RouteHandlerMethod } from 'fastify'
import { expect, test } from 'vitest'
import { get } from '../support/http.ts'
import { nodeAppTests } from './node-apps.ts'

const ANSWERS: Readonly<Record<string, RouteHandlerMethod>> = {
  send: (_request, reply) => reply.send('bye'),
  redirect: (_request, reply) => reply.redirect('/'),
  error() {
    throw new Error('on purpose')
  },
  stream: (_request, reply) => reply.send(Readable.from(['b', 'ye'])),
  'not-found': (_request, reply) => reply.callNotFound(),
}

nodeAppTests(async (options) => {
  const app = createApp(options)
  for (const [name, answer] of Object.entries(ANSWERS)) {
    app.get(`/${name}`, async function answering(request, reply) {
      await sessionOf(request.raw).end()
      return answer.call(this, request, reply)
    })
  }
  await app.ready()
  return app.routing
})

test("Fastify's own answer to an error carries the cookie, and that to an outage leaves it", async () => {
  const store = faultyStore(memoryStore())
  const sessions = createSessions({ store, secrets: 'the-secret-of-the-examples-tests-0' })
  const load = session(sessions)
  const app = fastify()
  app.addHook('onRequest', (request, reply, done) => {
    load(request.raw, reply.raw, (error) => done(error as Error | undefined))
  })
  app.get('/', async (request) => {
    await sessionOf(request.raw).create()
    throw new Error('on purpose')
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const at = app.listeningOrigin
  const failed = await get(at)
  store.fail('all')
  const unavailable = await get(at, { cookie: failed.setCookies[0]?.split(';')[0] ?? '' })
  await app.close()
  expect(failed).toMatchObject({
    status: 500,
    setCookies: [expect.stringMatching(/^__Host-session=/)],
  })
  expect(unavailable).toMatchObject({ status: 503, setCookies: [] })
})

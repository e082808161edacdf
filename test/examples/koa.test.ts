import { createSessions } from '@adjourn/core'
import { Readable } from 'node:stream'
import { createApp } from '@adjourn/example-koa'
import { session, sessionOf } from '@adjourn/node'
import Koa, { type Middleware } from 'koa'
import { expect, test } from 'vitest'
import { listen } from '../conformance/bindings/listen.ts'
import { get } from '../support/http.ts'
import { nodeAppTests } from './node-apps.ts'

const ANSWERS: Readonly<Record<string, Middleware>> = {
  '/send': (ctx) => {
    ctx.body = 'bye'
  },
  '/redirect': (ctx) => ctx.redirect('/'),
  '/error': () => {
    throw new Error('on purpose')
  },
  '/stream': (ctx) => {
    ctx.body = Readable.from(['b', 'ye'])
  },
  '/not-found': (_ctx, next) => next(),
}

nodeAppTests(async (options) => {
  const app = createApp(options)
  app.use(async (ctx, next) => {
    const answer = ANSWERS[ctx.path]
    if (answer === undefined) return
    await sessionOf(ctx.req).end()
    await answer(ctx, next)
  })
  const answer = app.callback()
  return (request, response) => void answer(request, response)
})

test("Koa's own answer to an error carries the cookie", async () => {
  const sessions = createSessions({ secrets: 'the-secret-of-the-examples-tests-0' })
  const load = session(sessions)
  const app = new Koa()
  app.silent = true
  app.use(async (ctx) => {
    await new Promise<void>((resolve) => {
      load(ctx.req, ctx.res, () => resolve())
    })
    await sessionOf(ctx.req).create()
    throw new Error('on purpose')
  })
  const answer = app.callback()
  const running = await listen((request, response) => void answer(request, response))
  const { status, setCookies } = await get(running.at)
  await running.close()
  expect({ status, setCookies }).toEqual({
    status: 500,
    setCookies: [expect.stringMatching(/^__Host-session=/)],
  })
})

import type { Sessions } from '@adjourn/core'
import { isFromElsewhere } from '@adjourn/example-accounts/same-origin'
import { session } from '@adjourn/node'
import Koa, { type Middleware } from 'koa'
import { answerErrors } from './errors.ts'
import type { AppOptions } from './options.ts'
import { routesOf } from './routes.ts'

export function createApp(options: AppOptions): Koa {
  const app = new Koa()
  app.use(answerErrors)
  app.use(sameOrigin)
  app.use(loading(options.sessions))
  app.use(routing(routesOf(options)))
  return app
}

/** Koa has Node's request and response beside its own. */
function loading(sessions: Sessions): Middleware {
  const load = session(sessions)
  return async (ctx, next) => {
    await new Promise<void>((resolve, reject) => {
      load(ctx.req, ctx.res, (error) => {
        if (error === undefined) resolve()
        else reject(error)
      })
    })
    await next()
  }
}

/** Refuses what pages of other origins send. */
const sameOrigin: Middleware = async (ctx, next) => {
  if (isFromElsewhere(ctx.method, (name) => ctx.get(name) || undefined)) {
    ctx.throw(403, 'FROM_ELSEWHERE')
  }
  await next()
}

/** In place of a router. */
function routing(routes: Readonly<Record<string, Middleware>>): Middleware {
  const known = new Map(Object.entries(routes))
  return async (ctx, next) => {
    const route = known.get(`${ctx.method} ${ctx.path}`) ?? next
    await route(ctx, next)
  }
}

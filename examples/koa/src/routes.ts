import { credentials, passwordChange } from '@adjourn/example-accounts'
import { sessionOf } from '@adjourn/node'
import type { Middleware } from 'koa'
import type { AppOptions } from './options.ts'
import { readJson } from './json.ts'

/** What the app answers. */
export function routesOf({ sessions, accounts }: AppOptions): Readonly<Record<string, Middleware>> {
  return {
    // A real app also limits how often one may try.
    async 'POST /login'(ctx) {
      const { user, password } = credentials.parse(await readJson(ctx))
      // Before the password is checked: if it is changed meanwhile, this login ends with the rest.
      const fence = await sessions.fence(user)
      if (!(await accounts.check(user, password))) return ctx.throw(401, 'WRONG_CREDENTIALS')
      await sessionOf(ctx.req).create({ userId: user, fence })
      ctx.body = { user }
    },

    async 'POST /logout'(ctx) {
      await sessionOf(ctx.req).end()
      ctx.status = 204
    },

    async 'GET /account'(ctx) {
      const { userId } = sessionOf(ctx.req)
      if (userId === undefined) return ctx.throw(401, 'NOT_SIGNED_IN')
      ctx.body = { user: userId }
    },

    async 'POST /account/password'(ctx) {
      const session = sessionOf(ctx.req)
      const { userId } = session
      if (userId === undefined) return ctx.throw(401, 'NOT_SIGNED_IN')
      const { current, next } = passwordChange.parse(await readJson(ctx))
      if (!(await accounts.check(userId, current))) return ctx.throw(403, 'WRONG_PASSWORD')
      await accounts.setPassword(userId, next)
      await sessions.revokeAll(userId, { except: session })
      await session.rotate()
      ctx.status = 204
    },
  }
}

import { sameOrigin } from '@adjourn/example-accounts/hono'
import { session } from '@adjourn/hono'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { createMiddleware } from 'hono/factory'
import { accountRoutes } from './account.ts'
import { answerError } from './errors.ts'
import { loginRoutes } from './login.ts'
import type { AppOptions } from './options.ts'

/** Its type says what each route takes and answers, for `hc` of hono/client. */
export function createApp(options: AppOptions) {
  return new Hono()
    .onError(answerError)
    .use(noStore, sameOrigin, session(options.sessions), bodyLimit({ maxSize: 10 * 1024 }))
    .route('/', loginRoutes(options))
    .route('/account', accountRoutes(options))
}

const noStore = createMiddleware(async (c, next) => {
  c.header('cache-control', 'no-store')
  await next()
})

import { createSessions } from '@adjourn/core'
import { createAccounts } from './accounts.ts'
import { createApp } from './app.ts'
import type { AppData } from './options.ts'

interface Bindings {
  /** Newest first, separated by commas: `wrangler secret put SESSION_SECRETS`. */
  readonly SESSION_SECRETS: string
}

let app: ReturnType<typeof createApp> | undefined

export default {
  fetch(request: Request, bindings: Bindings): Response | Promise<Response> {
    // Once for this isolate, and not before its first request, which brings the secrets along.
    app ??= open(bindings)
    return app.fetch(request)
  },
}

function open({ SESSION_SECRETS: secrets }: Bindings): ReturnType<typeof createApp> {
  // In memory, which is this isolate's alone: to try it out.
  const sessions = createSessions<AppData>({ secrets: secrets.split(',') })
  return createApp({ sessions, accounts: createAccounts() })
}

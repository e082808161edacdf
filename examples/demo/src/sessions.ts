import { randomBytes } from 'node:crypto'
import { createSessions, type SessionStore, type Sessions } from '@adjourn/core'

/** What both apps keep in a session, beside who is signed in. */
export interface AppData {
  note: string
}

export type AppSessions = Sessions<AppData>

/** The one `sessions` that the Express app and the Hono app share. */
export function openSessions(store: SessionStore): AppSessions {
  return createSessions<AppData>({
    store,
    // Random at every start, which signs everybody out. A real app sets one secret for all its
    // nodes, made the same way: never a passphrase.
    secrets: randomBytes(32).toString('base64url'),
    // The demo speaks plain http, where clients drop a Secure cookie. Leave this line out wherever
    // there is https: the cookie is then __Host-session and Secure.
    cookie: { secure: false },
  })
}

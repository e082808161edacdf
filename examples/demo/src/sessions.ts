import {
  createSessions,
  type SessionEventListener,
  type SessionStore,
  type Sessions,
} from '@adjourn/core'

/** What both apps keep in a session, beside who is signed in. */
export interface AppData {
  note: string
}

export type AppSessions = Sessions<AppData>

export interface SessionsSetup {
  readonly store: SessionStore
  /** Random, one for all nodes of an app, and never a passphrase. */
  readonly secret: string
  readonly onEvent?: SessionEventListener
}

/** The one `sessions` that the Express app and the Hono app share. */
export function openSessions({ store, secret, onEvent = () => {} }: SessionsSetup): AppSessions {
  return createSessions<AppData>({
    store,
    secrets: secret,
    onEvent,
    // Every ten seconds, so that "last seen" can be watched. The default is three minutes.
    touchAfter: 10,
    // The demo speaks plain http, where clients drop a Secure cookie. Leave this line out wherever
    // there is https: the cookie is then __Host-session and Secure.
    cookie: { secure: false },
  })
}

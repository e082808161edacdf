import { Provider } from 'oidc-provider'

// The types of Koa, which the provider is made of, still call it so.
declare module 'content-disposition' {
  type Options = CreateOptions
}

/** The app, as the provider knows it. */
export const CLIENT_ID = 'example-app'
export const CLIENT_SECRET = 'a-secret-of-this-example-for-local-use'

export interface ProviderOptions {
  /** Where the provider is. */
  readonly issuer: string
  /** Where the app is. */
  readonly origin: string
  /** Whether its logout tokens name the session (`sid`), or only the user. Default: true. */
  readonly namesSessions?: boolean
}

/**
 * An OpenID provider for this machine: everybody can sign in as anybody, and it forgets everything
 * when it stops.
 */
export function createProvider({
  issuer,
  origin,
  namesSessions = true,
}: ProviderOptions): Provider {
  return new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT_ID,
        client_secret: CLIENT_SECRET,
        redirect_uris: [`${origin}/callback`],
        post_logout_redirect_uris: [`${origin}/`],
        backchannel_logout_uri: `${origin}/backchannel-logout`,
        backchannel_logout_session_required: namesSessions,
      },
    ],
    features: {
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true },
      devInteractions: { enabled: true },
    },
    cookies: { keys: ['a-secret-of-this-example-for-local-use'] },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    // It asks for a guard against addresses of this machine, and the app is at one.
    fetch: (url, init) => fetch(url, { ...init, dispatcher: undefined } as RequestInit),
  })
}

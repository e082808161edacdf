import {
  TEXT,
  checkOptions,
  isSafeUrl,
  isText,
  refuseOptions,
  type OptionRule,
} from './check-options.ts'

/** What {@link endSessionUrl} takes. */
export interface EndSessionOptions {
  /** The provider's `end_session_endpoint`. */
  readonly endpoint: string | URL
  /**
   * The ID token of the login, which spares the user a question at the provider. Keep it in the
   * session's data; it may have expired. It becomes part of the URL, so keep that out of logs.
   */
  readonly idTokenHint?: string | undefined
  /** Where the provider sends the browser afterwards; exactly as registered there. */
  readonly postLogoutRedirectUri?: string | URL | undefined
  /** Comes back with `postLogoutRedirectUri`. */
  readonly state?: string | undefined
  /** Your client id at the provider. Needed with a `postLogoutRedirectUri` if there is no ID token. */
  readonly clientId?: string | undefined
  /** Who is to be logged out, as in a `login_hint`. */
  readonly logoutHint?: string | undefined
  /** Languages for the provider's pages, such as `de en`. */
  readonly uiLocales?: string | undefined
}

/** Three parts, or five if it is encrypted. */
const COMPACT = /^[\w-]+\.[\w-]*\.[\w-]+(\.[\w-]+\.[\w-]+)?$/

const ENDPOINT: OptionRule = [
  (value) => isSafeUrl(value) && new URL(value as string).hash === '',
  'an https: URL without fragment or credentials',
]

const OPTIONS = {
  endpoint: ENDPOINT,
  idTokenHint: [(value: unknown) => isText(value) && COMPACT.test(value), 'an ID token'],
  postLogoutRedirectUri: [
    (value: unknown) => value instanceof URL || (isText(value) && URL.canParse(value)),
    'an absolute URL',
  ],
  state: TEXT,
  clientId: TEXT,
  logoutHint: TEXT,
  uiLocales: TEXT,
} as const

/**
 * Where to redirect a browser so that its user is logged out at the provider too (RP-initiated
 * logout). End your own session first, and read the ID token before: whatever the provider does, or
 * the user answers there, this app's session is over.
 *
 * @param options The endpoint, and what the provider is told.
 * @throws SessionError `ERR_CONFIG`, naming every mistake and no value.
 * @see https://openid.net/specs/openid-connect-rpinitiated-1_0.html
 * @example
 * ```ts
 * import { sessionOf } from '@adjourn/express'
 * import { endSessionUrl } from '@adjourn/tokens'
 *
 * app.post('/logout', async (req, res) => {
 *   const session = sessionOf<{ idToken: string }>(req)
 *   const { idToken } = session.data
 *   await session.end()
 *   res.redirect(
 *     endSessionUrl({
 *       endpoint: 'https://login.example/logout',
 *       idTokenHint: idToken,
 *       clientId: 'app',
 *       postLogoutRedirectUri: 'https://app.example/',
 *     }),
 *   )
 * })
 * ```
 */
export function endSessionUrl(options: EndSessionOptions): string {
  checkOptions(options, OPTIONS, ['endpoint'])
  const { idTokenHint, postLogoutRedirectUri, clientId } = options
  if (postLogoutRedirectUri !== undefined && idTokenHint === undefined && clientId === undefined) {
    refuseOptions([
      'postLogoutRedirectUri needs idTokenHint or clientId: providers ignore it alone',
    ])
  }
  const url = new URL(options.endpoint)
  const parameters = {
    id_token_hint: idTokenHint,
    client_id: clientId,
    // As registered: URL would add a slash.
    post_logout_redirect_uri: postLogoutRedirectUri?.toString(),
    state: options.state,
    logout_hint: options.logoutHint,
    ui_locales: options.uiLocales,
  }
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.set(name, value)
  }
  return url.href
}

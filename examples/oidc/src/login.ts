import * as client from 'openid-client'

/** What one login needs when it comes back from the provider. */
export interface Login {
  readonly verifier: string
  readonly state: string
  readonly nonce: string
}

/** Whom the provider says it is. */
export interface SignedIn {
  readonly userId: string
  /** The provider's session, if it names one. */
  readonly sid: string | undefined
  readonly idToken: string
}

/** The code flow with PKCE: where to send the browser, and what to keep until it is back. */
export async function startLogin(
  config: client.Configuration,
  origin: string,
): Promise<{ login: Login; url: string }> {
  const login = {
    verifier: client.randomPKCECodeVerifier(),
    state: client.randomState(),
    nonce: client.randomNonce(),
  }
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: `${origin}/callback`,
    scope: 'openid',
    code_challenge: await client.calculatePKCECodeChallenge(login.verifier),
    code_challenge_method: 'S256',
    state: login.state,
    nonce: login.nonce,
  })
  return { login, url: url.href }
}

/** Exchanges the code that the browser came back with. */
export async function finishLogin(
  config: client.Configuration,
  login: Login,
  url: string,
): Promise<SignedIn> {
  const tokens = await client.authorizationCodeGrant(config, new URL(url), {
    pkceCodeVerifier: login.verifier,
    expectedState: login.state,
    expectedNonce: login.nonce,
    idTokenExpected: true,
  })
  const { id_token: idToken } = tokens
  const claims = tokens.claims()
  if (claims === undefined || idToken === undefined) throw new Error('No ID token')
  const { sub: userId, sid } = claims
  return { userId, sid: typeof sid === 'string' ? sid : undefined, idToken }
}

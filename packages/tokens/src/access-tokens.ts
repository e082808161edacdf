import { SessionError, type SessionDetails, type Sessions } from '@adjourn/core'
import { answerJwks, type TokenKeySet } from './jwks.ts'
import { checkClaims, makeClaims, type TokenClaims, type TokenSource } from './token-claims.ts'
import { invalid } from './token-error.ts'
import { generateTokenKey, openKeys, type KeyRing } from './token-keys.ts'
import { resolveTokenOptions, type AccessTokensOptions } from './token-options.ts'
import { MAX_TOKEN_LENGTH, openToken, sign } from './token-signature.ts'

/** A token that was accepted. */
export interface VerifiedToken {
  /** What the token says. */
  readonly claims: TokenClaims
  /** The session that it belongs to, read just now. */
  readonly session: SessionDetails
}

/**
 * Access tokens of an app. Every call rejects with `ERR_CONFIG` if one of the `keys` turns out to be
 * no private key.
 */
export interface AccessTokens {
  /**
   * A new token for a signed-in session. Call it for a page's own script or another first-party
   * client to call an API with; it is a credential, and no substitute for the cookie.
   *
   * @param session The session of the request.
   * @param options What the token shall say. Default: what every token does.
   * @param options.claims What else the token shall say: plain JSON, for anybody who has the token to
   * read. Not those that every token has, nor `nbf`.
   * @returns A JWT of type `at+jwt`. It expires after `ttl` seconds, or with the session as that
   * would end if it were not used again.
   * @throws SessionError `ERR_SESSION_ENDED` if the session is not active, has no user, or is in its
   * last second; `ERR_CONFIG` for claims that are wrong, or too long: a token has at most 8192
   * characters.
   * @see RFC 9068, 2
   */
  issue(
    session: TokenSource,
    options?: { readonly claims?: Readonly<Record<string, unknown>> },
  ): Promise<string>
  /**
   * Whether a token is ours, good, and of a session that is alive at this moment. One look-up in the
   * store, and only once the signature holds; those that arrive together share it where the store
   * gathers reads. Clocks may differ by 5 seconds.
   *
   * @param token What a client sent; anything.
   * @throws SessionError `ERR_TOKEN_INVALID` with a `reason`, see {@link TokenRejection}: answer 401.
   * `ERR_STORE_UNAVAILABLE`: answer 503, the token may be good.
   * @see RFC 9068, 4; RFC 8725, 3
   */
  verify(token: unknown): Promise<VerifiedToken>
  /**
   * The public keys, for those who verify tokens without asking the session: they learn that it has
   * ended when the token expires.
   */
  jwks(): Promise<TokenKeySet>
  /**
   * Answers a request for the public keys: GET and HEAD, with an ETag, to be cached for 5 minutes at
   * most. Mount it where verifiers look for them, such as `/.well-known/jwks.json`.
   *
   * @param request For the path of your choice.
   */
  jwks(request: Request): Promise<Response>
}

/**
 * Access tokens that die with their session. Options are checked here, once.
 *
 * @param sessions Whose sessions; `verify` asks it.
 * @param options `issuer` and `audience` at least.
 * @throws SessionError `ERR_CONFIG`, naming every mistake and no value.
 * @see RFC 9068 (the tokens), RFC 8725 (how they are verified)
 * @example
 * ```ts
 * import { accessTokens } from '@adjourn/tokens'
 *
 * const tokens = accessTokens(sessions, {
 *   issuer: 'https://app.example',
 *   audience: 'https://api.example',
 *   keys: [JSON.parse(process.env.TOKEN_KEY!)], // from generateTokenKey()
 * })
 * const token = await tokens.issue(req.session)
 * const { claims, session } = await tokens.verify(token)
 * ```
 */
export function accessTokens(
  sessions: Pick<Sessions, 'find'>,
  options: AccessTokensOptions,
): AccessTokens {
  const resolved = resolveTokenOptions(sessions, options)
  let opened: Promise<KeyRing> | undefined
  const ring = (): Promise<KeyRing> => (opened ??= openRing())

  async function openRing(): Promise<KeyRing> {
    return openKeys(resolved.keys ?? [await generateTokenKey()])
  }

  async function jwks(): Promise<TokenKeySet>
  async function jwks(request: Request): Promise<Response>
  async function jwks(request?: Request): Promise<TokenKeySet | Response> {
    const { byKid } = await ring()
    const set = { keys: [...byKid.values()].map(({ jwk }) => ({ ...jwk })) }
    return request === undefined ? set : answerJwks(request, set)
  }

  async function find({ sid, sub }: TokenClaims): Promise<SessionDetails | undefined> {
    try {
      return await sessions.find(sid, { userId: sub })
    } catch (error) {
      // Nobody can have such a name; somebody else signs with our keys.
      if ((error as Partial<SessionError>).code === 'ERR_CONFIG') throw invalid('claims')
      throw error
    }
  }

  return {
    async issue(session, given) {
      assertIssueOptions(given)
      const claims = makeClaims(resolved, session, given?.claims)
      const token = await sign((await ring()).signing, claims)
      if (token.length > MAX_TOKEN_LENGTH) {
        const most = `a token has at most ${MAX_TOKEN_LENGTH} characters`
        throw new SessionError('ERR_CONFIG', `issue: the claims are too long: ${most}.`)
      }
      return token
    },
    async verify(token) {
      const claims = checkClaims(resolved, await openToken(await ring(), token))
      // Only now: whoever has no token that we signed puts no load on the store.
      const session = await find(claims)
      if (session === undefined) throw invalid('session')
      return { claims, session }
    },
    jwks,
  }
}

function assertIssueOptions(given: unknown): void {
  if (given === undefined) return
  const keys = typeof given === 'object' && given !== null ? Object.keys(given) : ['its argument']
  const unknown = keys.filter((key) => key !== 'claims')
  if (unknown.length === 0) return
  const message = `issue does not take ${unknown.join(', ')}; it takes { claims }.`
  throw new SessionError('ERR_CONFIG', message)
}

import type { Clock, Data, RevokeTarget, Sessions } from '@adjourn/core'
import type { JWTPayload } from 'jose'
import { createEndpoint, isConfigError, readPost } from './event-request.ts'
import { createOnce } from './once.ts'
import { CLOCK, FLAG, FUNCTION, SECONDS, TEXT, checkOptions, isText } from './check-options.ts'
import { keySource, type ProviderKeys } from './remote-keys.ts'
import {
  ALGORITHMS,
  DEFAULT_ALGORITHMS,
  Refusal,
  verifyToken,
  type Expected,
} from './signed-token.ts'

/** What {@link backchannelLogout} takes. */
export interface BackchannelLogoutOptions {
  /** The provider's issuer identifier, as in its ID tokens (`iss`). */
  readonly issuer: string
  /** Your client id at the provider; logout tokens name it as their audience. */
  readonly clientId: string
  /**
   * The provider's public keys: its `jwks_uri`, a key set, or a function. See `remoteKeys` for how
   * they are fetched, and to say so yourself. Keys that a token brings along are never used.
   */
  readonly jwks: ProviderKeys
  /**
   * The algorithms that the provider signs with. Default: all that are asymmetric, which are the only
   * ones to choose from.
   */
  readonly algorithms?: readonly string[]
  /**
   * Whether a token must say that it is one (`typ: logout+jwt`), as ASVS 10.5.5 demands. False is for
   * older providers, whose tokens say `JWT` or nothing; those of another type are refused all the
   * same. Default: true.
   */
  readonly requireType?: boolean
  /** Whether a token must expire; false is for older providers. `maxAge` holds always. Default: true. */
  readonly requireExpiry?: boolean
  /** The most seconds since a token was issued. 60 more are granted for clocks. Default: 300. */
  readonly maxAge?: number
  /** Where the time comes from. For tests. Default: `Date`. */
  readonly clock?: Clock
  /**
   * Told why a request was refused or failed: what the answer says, and the store's error.
   *
   * @param error Why.
   */
  readonly onError?: (error: unknown) => void
}

const OPTIONS = {
  issuer: TEXT,
  clientId: TEXT,
  jwks: [(value: unknown) => value !== null, 'a URL, a key set or a function'],
  algorithms: ALGORITHMS,
  requireType: FLAG,
  requireExpiry: FLAG,
  maxAge: SECONDS,
  clock: CLOCK,
  onError: FUNCTION,
} as const

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
const FORM = 'application/x-www-form-urlencoded'

/**
 * The endpoint that an OpenID provider calls when a user logs out there (`backchannel_logout_uri`).
 * Mount it for POST, ahead of anything that reads bodies, loads sessions or checks for CSRF: no
 * browser takes part, the token alone is the proof.
 *
 * Ends the sessions that were created with that federation: `sid` in the token ends those with
 * `federation: { issuer, sid }`, `sub` without `sid` all of that subject. With both, those of the
 * subject that were created without a `sid` are ended too: any of them may be the one. They are over
 * at once, and their records are gone when this answers; the browsers lose their cookies on their
 * next request.
 * A login that is under way is ended too, if it brings a `fence` that covers the federation. Take it
 * as soon as the ID token says who it is, with the time before the code was exchanged as `since`: it
 * rejects with `ERR_SESSION_REVOKED` if a logout came in between, and so does `create` if one came
 * after it. Start such a login again.
 *
 * | status | when |
 * | --- | --- |
 * | 200 | done, also when nobody was signed in |
 * | 400 `invalid_request` | the request or its token is not valid, or the token was used already |
 * | 400 `temporarily_unavailable` | the store or the provider's keys cannot be reached: nothing is promised |
 *
 * The specification has 400 for a logout that failed, too (2.8), where a session's own routes answer
 * 503. The provider may send that token again: it counts as used only once the logout is done.
 *
 * Used tokens are remembered per process, the last 100 000 of them. Another process takes a replay
 * until it is too old (`maxAge` and a minute): it ends nothing with that `sid`, as the provider's
 * session is over for good, but what the user has started since where there is no `sid`, in the token
 * or in the session. It never signs anybody in.
 *
 * Encrypted tokens are not supported.
 *
 * @param sessions Whose sessions end.
 * @param options The provider, and how strictly its tokens are read.
 * @returns A handler that rejects only with `ERR_CONFIG`, for a request whose body was read before.
 * @throws SessionError `ERR_CONFIG`, naming every mistake.
 * @see https://openid.net/specs/openid-connect-backchannel-1_0.html
 * @example
 * ```ts
 * import { backchannelLogout } from '@adjourn/tokens'
 * import { Hono } from 'hono'
 *
 * const logout = backchannelLogout(sessions, { issuer, clientId, jwks: metadata.jwks_uri })
 * const app = new Hono().post('/backchannel-logout', (c) => logout(c.req.raw))
 * ```
 *
 * Express hands over the body as a text, ahead of other parsers:
 *
 * ```ts
 * import { backchannelLogout } from '@adjourn/tokens'
 * import express from 'express'
 *
 * const logout = backchannelLogout(sessions, {
 *   issuer: 'https://login.example',
 *   clientId: 'app',
 *   jwks: 'https://login.example/jwks',
 * })
 * app.post('/backchannel-logout', express.text({ type: () => true }), async (req, res) => {
 *   const headers = { 'content-type': req.get('content-type') ?? '' }
 *   const url = `https://app.example${req.originalUrl}`
 *   const answer = await logout(new Request(url, { method: 'POST', headers, body: req.body }))
 *   res.status(answer.status).set(Object.fromEntries(answer.headers)).send(await answer.text())
 * })
 * ```
 */
export function backchannelLogout<D extends object = Data>(
  sessions: Pick<Sessions<D>, 'revokeAll'>,
  options: BackchannelLogoutOptions,
): (request: Request) => Promise<Response> {
  checkOptions(options, OPTIONS, ['issuer', 'clientId', 'jwks'])
  const { issuer, requireType = true, requireExpiry = true, clock = Date, maxAge = 300 } = options
  const expected: Expected = {
    keys: keySource(options.jwks, clock),
    algorithms: options.algorithms ?? DEFAULT_ALGORITHMS,
    issuer,
    audience: options.clientId,
    typ: requireType ? 'logout+jwt' : undefined,
    required: requireExpiry ? ['jti', 'exp'] : ['jti'],
    maxAge,
    clock,
  }
  const once = createOnce()

  /** False for a name that no session can have, such as one that is too long. */
  async function revoke(target: RevokeTarget): Promise<boolean> {
    try {
      await sessions.revokeAll(target)
      return true
    } catch (error) {
      if (isConfigError(error)) return false
      throw error
    }
  }

  async function logOut(request: Request): Promise<void> {
    const token = await readToken(request)
    const { payload, protectedHeader } = await verifyToken(token, expected)
    if (!requireType && !isPlain(protectedHeader.typ)) {
      throw new Refusal('The token is of another type')
    }
    const { jti, targets } = readClaims(payload, issuer)
    const isNew = await once.run(jti, async () => {
      const revoked: boolean[] = []
      for (const target of targets) revoked.push(await revoke(target))
      if (!revoked.includes(true)) throw new Refusal("The token's sub or sid is not valid")
    })
    if (!isNew) throw new Refusal('The token was used already')
  }

  return createEndpoint({ receive: logOut, status: 200, failed, onError: options.onError })
}

async function readToken(request: Request): Promise<string> {
  const [token, ...more] = new URLSearchParams(await readPost(request, FORM)).getAll('logout_token')
  if (token === undefined || more.length > 0) {
    throw new Refusal('The request must have one logout_token')
  }
  return token
}

/** The types that tokens had before they had types of their own. */
function isPlain(typ: unknown): boolean {
  if (typeof typ !== 'string') return typ === undefined
  return ['jwt', 'logout+jwt'].includes(typ.toLowerCase().replace(/^application\//, ''))
}

interface Claims {
  readonly jti: string
  readonly targets: readonly RevokeTarget[]
}

function readClaims(payload: JWTPayload, issuer: string): Claims {
  const { jti, sub, sid, events } = payload
  const event = (Object(events) as Record<string, unknown>)[EVENT]
  if (typeof event !== 'object' || event === null || Array.isArray(event)) {
    throw new Refusal("The token's events do not say that it is about a logout")
  }
  // What keeps ID tokens out, whatever their type.
  if ('nonce' in payload) throw new Refusal('The token has a nonce')
  if (!isText(jti)) throw new Refusal("The token's jti is not what it must be")
  const isWrong = [sub, sid].some((name) => name !== undefined && !isText(name))
  if (isWrong) throw new Refusal("The token's sub or sid is not valid")
  if (isText(sid)) {
    // A session of which no sid was known at its login may be the one that is meant.
    const unnamed = isText(sub) ? [{ federation: { issuer, subject: sub, sid: null } }] : []
    return { jti, targets: [{ federation: { issuer, sid } }, ...unnamed] }
  }
  if (isText(sub)) return { jti, targets: [{ federation: { issuer, subject: sub } }] }
  throw new Refusal('The token has neither sub nor sid')
}

function failed(error: unknown): Response {
  const isRefused = error instanceof Refusal
  const body = {
    error: isRefused ? 'invalid_request' : 'temporarily_unavailable',
    error_description: isRefused ? error.message : 'The logout is not confirmed; try again later',
  }
  return Response.json(body, { status: 400, headers: { 'cache-control': 'no-store' } })
}

import { SessionError, type Session } from '@adjourn/core'
import { base64url } from 'jose'
import { invalid } from './token-error.ts'
import type { ResolvedTokenOptions } from './token-options.ts'

/** What of a session its tokens are made of. */
export type TokenSource = Pick<
  Session,
  'active' | 'id' | 'userId' | 'expiresAt' | 'authenticatedAt'
>

/**
 * What a token says. Instants are whole seconds since 1970.
 *
 * @see RFC 9068, 2.2
 */
export interface TokenClaims {
  /** Who issued it: the `issuer` of the options. */
  readonly iss: string
  /** Who it is for: the `audience` of the options. */
  readonly aud: string
  /** The user. */
  readonly sub: string
  /** The session's public handle, `session.id`. */
  readonly sid: string
  /** Names this token: 128 random bits. */
  readonly jti: string
  /** When it was issued. */
  readonly iat: number
  /** When it expires. */
  readonly exp: number
  /** When the user last proved who they are. */
  readonly auth_time?: number
  /** The client it was issued to: the `clientId` of the options. */
  readonly client_id: string
  /** The app's own. */
  readonly [claim: string]: unknown
}

/** Seconds by which the clocks of two nodes may differ. */
const CLOCK_SKEW = 5

const OURS = [
  'iss',
  'aud',
  'sub',
  'sid',
  'jti',
  'iat',
  'exp',
  'nbf',
  'auth_time',
  'client_id',
] as const

/** @throws SessionError `ERR_SESSION_ENDED`, and `ERR_CONFIG` for claims that cannot be the app's. */
export function makeClaims(
  options: ResolvedTokenOptions,
  session: TokenSource,
  own: object | undefined,
): TokenClaims {
  const { active, id, userId, expiresAt, authenticatedAt } = Object(session) as Partial<TokenSource>
  if (active !== true || id === undefined || userId === undefined || expiresAt === undefined) {
    throw new SessionError(
      'ERR_SESSION_ENDED',
      'No token without a session that somebody is signed in to',
    )
  }
  const now = options.clock.now()
  const iat = seconds(now)
  const exp = seconds(Math.min(now + options.ttl * 1000, expiresAt.getTime()))
  if (!(exp > iat)) {
    throw new SessionError('ERR_SESSION_ENDED', 'The session is over, or in its last second')
  }
  return {
    ...ownClaims(own),
    iss: options.issuer,
    aud: options.audience,
    sub: userId,
    sid: id,
    jti: base64url.encode(options.random(16)),
    iat,
    exp,
    ...(authenticatedAt && { auth_time: seconds(authenticatedAt.getTime()) }),
    client_id: options.clientId,
  }
}

const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000)

function ownClaims(claims: object | undefined): Record<string, unknown> {
  if (claims === undefined) return {}
  // First made plain: a toJSON could say something else later.
  const plain = toPlain(claims)
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain)) {
    throw new SessionError('ERR_CONFIG', 'issue: claims must be an object of plain JSON values.')
  }
  const taken = OURS.filter((name) => Object.hasOwn(plain, name))
  if (taken.length > 0) {
    throw new SessionError('ERR_CONFIG', `issue: claims cannot set ${taken.join(', ')}.`)
  }
  return plain as Record<string, unknown>
}

function toPlain(claims: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(claims, plainOnly))
  } catch {
    return undefined
  }
}

/** What JSON would leave out or make null without a word. */
function plainOnly(_: string, value: unknown): unknown {
  if (typeof value === 'function' || typeof value === 'symbol' || Number.isNaN(value)) {
    throw new TypeError('Not JSON')
  }
  if (value === Infinity || value === -Infinity) throw new TypeError('Not JSON')
  return value
}

/**
 * The claims of a token whose signature holds.
 *
 * @throws SessionError `ERR_TOKEN_INVALID`
 */
export function checkClaims(options: ResolvedTokenOptions, claims: object): TokenClaims {
  const given = claims as Partial<TokenClaims>
  if (given.iss !== options.issuer) throw invalid('issuer')
  if (given.aud !== options.audience) throw invalid('audience')
  const { sub, sid, jti, client_id, exp, iat, nbf } = given
  if (![sub, sid, jti, client_id].every((text) => typeof text === 'string' && text !== '')) {
    throw invalid('claims')
  }
  if (!isInstant(exp) || !isInstant(iat)) throw invalid('claims')
  const now = options.clock.now() / 1000
  // This way round, so that a clock that says NaN lets nobody in.
  if (!(now < exp + CLOCK_SKEW)) throw invalid('expired')
  if (!(iat <= now + CLOCK_SKEW)) throw invalid('claims')
  if (nbf !== undefined && !(isInstant(nbf) && nbf <= now + CLOCK_SKEW)) throw invalid('claims')
  return given as TokenClaims
}

const isInstant = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value)

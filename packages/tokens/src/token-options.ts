import { SessionError, type Clock, type RandomSource } from '@adjourn/core'
import {
  CLOCK,
  FUNCTION,
  isFunction,
  isText,
  optionMistakes,
  type OptionRule,
} from './check-options.ts'
import { keyMistakes, type TokenKey } from './token-keys.ts'

/** What `accessTokens` takes. */
export interface AccessTokensOptions {
  /** Who issues the tokens (`iss`): the URL of this app. */
  readonly issuer: string
  /** Who the tokens are for (`aud`): the API's URL or name. Tokens for others are refused. */
  readonly audience: string
  /**
   * Private keys, newest first: the first signs, all verify, all are in the JWKS. Each has an `alg`
   * (`EdDSA`, `ES256`, or `RS256` with 2048 bits or more) and a `kid` of its own; `generateTokenKey`
   * makes one. Default: a key that is made on first use and known to this process only: tokens verify
   * on no other node, and none outlives a restart.
   *
   * To rotate without a gap, publish a new key before it signs: add it as the second; 5 minutes after
   * all nodes have it, when no verifier has an older JWKS in its cache, make it the first; `ttl` and 5
   * seconds after that, drop the old one.
   */
  readonly keys?: readonly TokenKey[]
  /**
   * Seconds that a token is good for: a whole number from 1 to 3600. It ends with its session
   * whatever this says, but who verifies it by the JWKS alone does not know before it expires.
   * Default: 300.
   */
  readonly ttl?: number
  /**
   * Which client the tokens are issued to (`client_id`), as RFC 9068 demands one. Default: the
   * audience, as an app that makes tokens of its own sessions is its own client.
   */
  readonly clientId?: string
  /** Where the time comes from; the same as `createSessions` has. For tests. Default: `Date`. */
  readonly clock?: Clock
  /** Where `jti` comes from. For tests. Default: `crypto.getRandomValues`. */
  readonly random?: RandomSource
}

export interface ResolvedTokenOptions {
  readonly issuer: string
  readonly audience: string
  readonly keys: readonly TokenKey[] | undefined
  readonly ttl: number
  readonly clientId: string
  readonly clock: Clock
  readonly random: RandomSource
}

const LONGEST_TTL = 3600

const isShortText = (value: unknown): boolean => isText(value) && value.length <= 1000

const RULES: Readonly<Record<Exclude<keyof AccessTokensOptions, 'keys'>, OptionRule>> = {
  issuer: [
    (value) => isShortText(value) && /^https?:\/\/[^?#\s]+$/.test(String(value)),
    'a URL of http or https without query and fragment, of at most 1000 characters',
  ],
  audience: [isShortText, 'a string of 1 to 1000 characters'],
  ttl: [
    (value) => Number.isInteger(value) && Number(value) > 0 && Number(value) <= LONGEST_TTL,
    `a whole number of seconds from 1 to ${LONGEST_TTL}`,
  ],
  clientId: [isShortText, 'a string of 1 to 1000 characters'],
  clock: CLOCK,
  random: FUNCTION,
}

/** Checks everything once and names every mistake; no value of an option is ever shown. */
export function resolveTokenOptions(
  sessions: unknown,
  given: AccessTokensOptions,
): ResolvedTokenOptions {
  const options = Object(given) as AccessTokensOptions
  const { keys, ...others } = options
  const mistakes = [
    ...(isFunction((sessions as { find?: unknown } | null | undefined)?.find)
      ? []
      : ['sessions must be what createSessions returns']),
    ...optionMistakes(others, RULES, ['issuer', 'audience']),
    ...keyMistakes(keys),
  ]
  if (mistakes.length > 0) {
    throw new SessionError('ERR_CONFIG', `accessTokens: ${mistakes.join('; ')}.`)
  }
  const { issuer, audience, ttl = 300, clientId = audience } = options
  const { clock = systemClock, random = systemRandom } = options
  // A copy: what is changed in the list later has not been checked.
  return { issuer, audience, keys: keys?.map((key) => ({ ...key })), ttl, clientId, clock, random }
}

// Read through the globals at each call, so that fake timers installed later are seen.
const systemClock: Clock = { now: () => Date.now() }

const systemRandom: RandomSource = (bytes) => crypto.getRandomValues(new Uint8Array(bytes))

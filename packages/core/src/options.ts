import type { StandardSchemaV1 } from '@standard-schema/spec'
import { findMistakes, isCount, isFunction, isSeconds, refuse, type Rule } from './check.ts'
import { systemClock, systemRandom, type Clock, type RandomSource } from './clock.ts'
import { resolveCookie, type CookieOptions, type ResolvedCookie } from './cookie-options.ts'
import type { Data } from './data.ts'
import { inProduction, warn } from './environment.ts'
import type { SessionEventListener } from './events.ts'
import { memoryStore } from './memory-store.ts'
import type { SessionStore } from './store.ts'

/** What `createSessions` takes. Durations are seconds. */
export interface SessionsOptions<D extends object = Data> {
  /** Where sessions are kept. Default: `memoryStore()`, with a warning in production. */
  readonly store?: SessionStore
  /**
   * What seals the cookies: one random secret of 32 characters or more, or several, newest first;
   * the newest seals, all unseal. Not a passphrase: the key derivation is a single round.
   */
  readonly secrets: string | readonly string[]
  /**
   * Seconds without a request after which a session ends. Default: 3600, the most that NIST
   * SP 800-63B-4 has for AAL2.
   */
  readonly idleTimeout?: number
  /** Seconds after which a session ends whatever happens, at most 399 days. Default: 86 400. */
  readonly absoluteTimeout?: number
  /**
   * Seconds between two writes of `lastSeenAt`; less than `idleTimeout`. An idle session ends
   * between `idleTimeout - touchAfter` and `idleTimeout` after its last request, never later.
   * Default: `idleTimeout / 20`.
   */
  readonly touchAfter?: number
  /** How many sessions a user may have; the least recently seen is ended. Default: unlimited. */
  readonly maxSessionsPerUser?: number
  readonly cookie?: CookieOptions
  /** Validates `data` before every write. Any Standard Schema: zod, valibot, arktype… */
  readonly schema?: StandardSchemaV1<unknown, D>
  /** Receives what happened, for an audit log. */
  readonly onEvent?: SessionEventListener
  /** Where the time comes from. For tests. Default: `Date`. */
  readonly clock?: Clock
  /** Where ids and secrets come from. For tests. Default: `crypto.getRandomValues`. */
  readonly random?: RandomSource
}

export interface ResolvedOptions {
  readonly store: SessionStore
  readonly secrets: readonly [string, ...string[]]
  readonly idleTimeout: number
  readonly absoluteTimeout: number
  readonly touchAfter: number
  readonly maxSessionsPerUser: number
  readonly cookie: ResolvedCookie
  readonly schema: StandardSchemaV1 | undefined
  readonly onEvent: SessionEventListener | undefined
  readonly clock: Clock
  readonly random: RandomSource
}

/** An epoch lives 400 days, and must outlive every session that it ends. */
const LONGEST_SESSION = 399 * 86_400

const DEFAULTS = {
  absoluteTimeout: 86_400,
  maxSessionsPerUser: Infinity,
  schema: undefined,
  onEvent: undefined,
  clock: systemClock,
  random: systemRandom,
}

const has = (value: unknown, method: string): boolean =>
  isFunction((value as Record<string, unknown> | null)?.[method])

const STORE_METHODS = ['read', 'insert', 'update', 'touch', 'delete', 'list', 'revoke', 'purge']

const RULES: Record<keyof SessionsOptions, Rule> = {
  store: {
    test: (value) => STORE_METHODS.every((method) => has(value, method)),
    must: 'a session store',
  },
  secrets: {
    test: (value) => {
      const secrets = typeof value === 'string' ? [value] : value
      if (!Array.isArray(secrets) || secrets.length === 0) return false
      return secrets.every((secret) => typeof secret === 'string' && secret.length >= 32)
    },
    must: 'one or more strings of at least 32 characters',
  },
  idleTimeout: { test: isSeconds, must: 'a number of seconds above 0' },
  absoluteTimeout: {
    test: (value) => isSeconds(value) && value <= LONGEST_SESSION,
    must: 'a number of seconds above 0 and at most 399 days',
  },
  touchAfter: {
    test: (value) => value === 0 || isSeconds(value),
    must: 'a number of seconds, 0 or more',
  },
  maxSessionsPerUser: {
    test: (value) => value === Infinity || isCount(value),
    must: 'a whole number above 0',
  },
  cookie: { test: (value) => typeof value === 'object' && value !== null, must: 'an object' },
  schema: {
    test: (value) => has((value as StandardSchemaV1 | null)?.['~standard'], 'validate'),
    must: 'a Standard Schema',
  },
  onEvent: { test: isFunction, must: 'a function' },
  clock: { test: (value) => has(value, 'now'), must: 'an object with now()' },
  random: { test: isFunction, must: 'a function' },
}

/** Checks everything once and names every mistake; no value of an option is ever shown. */
export function resolveOptions<D extends object>(given: SessionsOptions<D>): ResolvedOptions {
  const options = Object(given) as SessionsOptions<D>
  const { idleTimeout = 3600, touchAfter = idleTimeout / 20 } = options
  const { cookie, mistakes } = resolveCookie(Object(options.cookie) as CookieOptions)
  refuse([
    ...(options.secrets === undefined ? ['secrets is missing'] : []),
    ...findMistakes(options, RULES),
    ...mistakes,
    ...(touchAfter >= idleTimeout ? ['touchAfter must be less than idleTimeout'] : []),
  ])
  return Object.freeze({
    ...DEFAULTS,
    ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
    store: options.store ?? defaultStore(),
    secrets: [options.secrets].flat() as [string, ...string[]],
    idleTimeout,
    touchAfter,
    cookie,
  })
}

function defaultStore(): SessionStore {
  if (inProduction()) {
    warn(
      'no store given: sessions are kept in the memory of this process, and end with it. Pass a store in production.',
    )
  }
  return memoryStore()
}

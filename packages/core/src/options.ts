import type { StandardSchemaV1 } from '@standard-schema/spec'
import { systemClock, systemRandom, type Clock, type RandomSource } from './clock.ts'
import { resolveCookie, type CookieOptions, type ResolvedCookie } from './cookie-options.ts'
import type { Data } from './data.ts'
import { inProduction, warn } from './environment.ts'
import { SessionError } from './errors.ts'
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

const isSeconds = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0
const isFunction = (value: unknown): boolean => typeof value === 'function'
const has = (value: unknown, method: string): boolean =>
  isFunction((value as Record<string, unknown> | null)?.[method])

const STORE_METHODS = ['read', 'insert', 'update', 'touch', 'delete', 'list', 'revoke', 'purge']

type Checks = Record<keyof SessionsOptions, { test(value: unknown): boolean; must: string }>

const CHECKS: Checks = {
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
    test: (value) => value === Infinity || (Number.isInteger(value) && (value as number) > 0),
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
  const options = given ?? {}
  const mistakes: string[] = []
  if (options.secrets === undefined) mistakes.push('secrets is missing')
  for (const [key, value] of Object.entries(options)) {
    if (!Object.hasOwn(CHECKS, key)) mistakes.push(`${key} is not an option`)
    else if (value !== undefined) {
      const { test, must } = CHECKS[key as keyof SessionsOptions]
      if (!test(value)) mistakes.push(`${key} must be ${must}`)
    }
  }
  const cookie = resolveCookie(Object(options.cookie ?? {}) as CookieOptions, mistakes)
  const idleTimeout = options.idleTimeout ?? 3600
  const touchAfter = options.touchAfter ?? idleTimeout / 20
  if (touchAfter >= idleTimeout) mistakes.push('touchAfter must be less than idleTimeout')
  if (mistakes.length > 0) throw new SessionError('ERR_CONFIG', `${mistakes.join('; ')}.`)
  return Object.freeze({
    store: options.store ?? defaultStore(),
    secrets: [options.secrets].flat() as [string, ...string[]],
    idleTimeout,
    absoluteTimeout: options.absoluteTimeout ?? 86_400,
    touchAfter,
    maxSessionsPerUser: options.maxSessionsPerUser ?? Infinity,
    cookie,
    schema: options.schema,
    onEvent: options.onEvent,
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
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

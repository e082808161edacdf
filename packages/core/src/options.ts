import type { StandardSchemaV1 } from '@standard-schema/spec'
import { findMistakes, isCount, isFunction, isSeconds, own, refuse, type Rule } from './check.ts'
import { systemClock, systemRandom, type Clock, type RandomSource } from './clock.ts'
import { resolveCookie, type CookieOptions, type ResolvedCookie } from './cookie-options.ts'
import { MAX_DATA_SIZE, type Data } from './data.ts'
import { inProduction, warn } from './environment.ts'
import type { SessionEventListener } from './events.ts'
import { memoryStore } from './memory-store.ts'
import type { SessionStore } from './store.ts'
import { noTelemetry, type Telemetry } from './telemetry.ts'

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
  /** How many sessions a user may have at once. Default: unlimited. */
  readonly maxSessionsPerUser?: number
  /**
   * What a login beyond the limit does: ends the session that was seen least recently, or rejects
   * with `ERR_SESSION_LIMIT`. Who has lost a cookie then waits until that session expires, unless the
   * app lets them end it (`list`, `destroy`). An anonymous session that signs in under `reject` is
   * replaced by a new one, so that it is there still if the login is rejected. A login that meets an
   * outage after its insert may count until its idle timeout. Default: `end-oldest`.
   *
   * @see OWASP ASVS 5.0, 7.1.2
   */
  readonly onLimit?: 'end-oldest' | 'reject'
  /** How the cookie is named and scoped. Default: `__Host-session`, `Path=/; Secure; SameSite=Lax`. */
  readonly cookie?: CookieOptions
  /**
   * Types `data` and validates it: before every write and, as the stored data may be older than the
   * schema, on every load. Any Standard Schema: zod, valibot, arktype… What it makes of data (defaults,
   * coerced values) is what handlers see and what is stored, so it must be JSON and validate again.
   * No data at all is always valid, also where the schema requires a key.
   */
  readonly schema?: StandardSchemaV1<unknown, D>
  /**
   * What a load does with stored data that does not validate. `reset`: the session goes on with the
   * schema's defaults, or with no data; nothing is overwritten before the next write. `reject`: `load`
   * rejects with `ERR_DATA_INVALID`, which blocks that session's requests, its logout too, until the
   * data or the schema is mended or `sessions.destroy` ends it. Default: `reset`.
   */
  readonly onInvalidData?: 'reset' | 'reject'
  /** The most characters of JSON that `data` and unread messages may take. Default, and most: 4 Mi. */
  readonly maxDataSize?: number
  /**
   * Keeps sessions in memory, each for `maxAge` seconds at most, so that most requests
   * read no store. Opt-in, for a store that can be watched: what is cached is trusted only while its
   * feed has told of everything up to one second ago. What ends or changes on another node is so
   * within milliseconds as a rule, and within 1000 ms in any case; on this node, at once. The second
   * is one of the process: a virtual machine that was suspended may take it up where it was.
   * Default: none.
   */
  readonly cache?: {
    /**
     * The most sessions of users to keep, at most 10 million; of visitors half as many beside them.
     * One user has a hundredth of them at most, but ten: a flood drives out nobody else.
     */
    readonly max: number
    /** Seconds that one is kept at most. */
    readonly maxAge: number
  }
  /** Receives what happened, for an audit log. */
  readonly onEvent?: SessionEventListener
  /** Traces and metrics, see `@adjourn/core/opentelemetry`. */
  readonly telemetry?: Telemetry
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
  readonly onLimit: 'end-oldest' | 'reject'
  readonly cookie: ResolvedCookie
  readonly schema: StandardSchemaV1 | undefined
  readonly onInvalidData: 'reset' | 'reject'
  readonly maxDataSize: number
  readonly cache: { readonly max: number; readonly maxAge: number } | undefined
  readonly onEvent: SessionEventListener | undefined
  readonly telemetry: Telemetry
  readonly clock: Clock
  readonly random: RandomSource
  /** As the process said when the app made its sessions: asking it takes longer than the rest. */
  readonly inDevelopment: boolean
}

/** What one table can hold. */
const MOST_CACHED = 10_000_000

/** An epoch lives 400 days, and must outlive every session that it ends. */
const LONGEST_SESSION = 399 * 86_400

const DEFAULTS = {
  absoluteTimeout: 86_400,
  maxSessionsPerUser: Infinity,
  onLimit: 'end-oldest',
  schema: undefined,
  onInvalidData: 'reset',
  maxDataSize: MAX_DATA_SIZE,
  cache: undefined,
  onEvent: undefined,
  telemetry: noTelemetry,
  clock: systemClock,
  random: systemRandom,
} as const

const has = (value: unknown, method: string): boolean =>
  isFunction((value as Record<string, unknown> | null)?.[method])

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null

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
  onLimit: {
    test: (value) => value === 'end-oldest' || value === 'reject',
    must: "'end-oldest' or 'reject'",
  },
  cookie: { test: isObject, must: 'an object' },
  schema: {
    test: (value) => has((value as StandardSchemaV1 | null)?.['~standard'], 'validate'),
    must: 'a Standard Schema',
  },
  onInvalidData: {
    test: (value) => value === 'reset' || value === 'reject',
    must: "'reset' or 'reject'",
  },
  maxDataSize: {
    test: (value) => isCount(value) && Number(value) <= MAX_DATA_SIZE,
    must: `a whole number from 1 to ${MAX_DATA_SIZE}`,
  },
  cache: { test: isObject, must: 'an object' },
  onEvent: { test: isFunction, must: 'a function' },
  telemetry: {
    test: (value) => has(value, 'span') && has(value, 'event'),
    must: 'what openTelemetry() returns',
  },
  clock: { test: (value) => has(value, 'now'), must: 'an object with now()' },
  random: { test: isFunction, must: 'a function' },
}

const CACHE_RULES: Record<string, Rule> = {
  max: {
    test: (value) => isCount(value) && Number(value) <= MOST_CACHED,
    must: `a whole number from 1 to ${MOST_CACHED}`,
  },
  maxAge: { test: isSeconds, must: 'a number of seconds above 0' },
}

function cacheMistakes({ cache, store }: SessionsOptions<object>): string[] {
  if (cache === undefined) return []
  const given = own(cache as object)
  const missing = ['max', 'maxAge'].filter((key) => !(key in given))
  return [
    ...missing.map((key) => `cache.${key} is missing`),
    ...findMistakes(given, CACHE_RULES, 'cache.'),
    ...(store !== undefined && !has(store, 'watch')
      ? ['cache needs a store that can be watched']
      : []),
  ]
}

/** Checks everything once and names every mistake; no value of an option is ever shown. */
export function resolveOptions<D extends object>(given: SessionsOptions<D>): ResolvedOptions {
  const options = own(given)
  const { idleTimeout = 3600, touchAfter = idleTimeout / 20 } = options
  const { cookie, mistakes } = resolveCookie(Object(options.cookie) as CookieOptions)
  refuse([
    ...(options.secrets === undefined ? ['secrets is missing'] : []),
    ...findMistakes(options, RULES),
    ...mistakes,
    ...cacheMistakes(options),
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
    inDevelopment: !inProduction(),
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

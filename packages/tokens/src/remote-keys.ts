import type { Clock } from '@adjourn/core'
import {
  createLocalJWKSet,
  errors,
  type CompactJWSHeaderParameters,
  type CryptoKey,
  type JSONWebKeySet,
  type JWK,
} from 'jose'
import { readBody } from './read-body.ts'
import { SingleFlight } from './single-flight.ts'
import {
  CLOCK,
  FUNCTION,
  SECONDS,
  checkOptions,
  isSafeUrl,
  refuseOptions,
} from './check-options.ts'

/**
 * Finds the public key that a token was signed with, by its header (`kid`, `alg`). Nothing for a key
 * that nobody published. What it throws says that keys cannot be had now: the token is not judged.
 */
export interface KeySource {
  /**
   * Looks a key up.
   *
   * @param header Of the token.
   */
  (
    header: CompactJWSHeaderParameters,
  ): CryptoKey | JWK | undefined | Promise<CryptoKey | JWK | undefined>
  /**
   * Looks for newer keys, if it can. Called where a token without a `kid` is signed with none of the
   * keys that were found for it; then a key is asked for once more. What it rejects with says, too,
   * that keys cannot be had now.
   */
  refresh?(): Promise<void>
}

/**
 * Where the public keys of a provider are: the address of its JSON Web Key Set (`jwks_uri`), the set
 * itself, or a function.
 */
export type ProviderKeys = string | URL | JSONWebKeySet | KeySource

/** What {@link remoteKeys} takes. Durations are seconds. */
export interface RemoteKeysOptions {
  /** For the whole answer of the endpoint. Default: 5. */
  readonly timeout?: number
  /** After which keys are fetched again. Default: 600. */
  readonly maxAge?: number
  /**
   * Between two fetches, also where the first failed: neither tokens with made-up key ids or
   * signatures nor an outage turn into a flood of requests. A key that is first used within this time
   * of a fetch that did not hold it yet is not known until it is over; providers publish keys ahead.
   * Default: 30.
   */
  readonly cooldown?: number
  /** How long beyond `maxAge` known keys are used while the endpoint fails. Default: 3600. */
  readonly staleIfError?: number
  /**
   * What asks the endpoint. Default: the platform's `fetch`.
   *
   * @param url The endpoint.
   * @param init As the platform's `fetch` takes it.
   */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>
  /** Where the time comes from. For tests. Default: `Date`. */
  readonly clock?: Clock
}

/** Key sets are a few kilobytes. */
const MOST_BYTES = 256 * 1024

const OPTIONS = {
  timeout: SECONDS,
  maxAge: SECONDS,
  cooldown: SECONDS,
  staleIfError: SECONDS,
  fetch: FUNCTION,
  clock: CLOCK,
}

interface Settings {
  readonly url: string
  readonly timeout: number
  readonly maxAge: number
  readonly cooldown: number
  readonly staleIfError: number
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  readonly clock: Clock
}

/**
 * The keys of a provider, fetched from its `jwks_uri` when first needed, and kept; fetched again for
 * a token with a `kid` that is not among them, or without one and signed with none of them. For
 * `jwks` where the defaults of an address do not fit. Redirects are not followed, and more than 256
 * KiB not read.
 *
 * @param url `https:`, or `http:` of this machine.
 * @param options How long to wait, and to keep keys.
 * @throws SessionError `ERR_CONFIG`, naming every mistake.
 * @example
 * ```ts
 * import { backchannelLogout, remoteKeys } from '@adjourn/tokens'
 *
 * const jwks = remoteKeys('https://login.example/jwks', { timeout: 2, cooldown: 10 })
 * const logout = backchannelLogout(sessions, { issuer: 'https://login.example', clientId: 'app', jwks })
 * ```
 */
export function remoteKeys(url: string | URL, options: RemoteKeysOptions = {}): KeySource {
  checkOptions(options, OPTIONS)
  if (!isSafeUrl(url)) {
    refuseOptions(['the address of keys must be an https: URL without credentials'])
  }
  const settings = {
    timeout: options.timeout ?? 5,
    maxAge: options.maxAge ?? 600,
    cooldown: options.cooldown ?? 30,
    staleIfError: options.staleIfError ?? 3600,
    fetch: options.fetch ?? ((at, init) => fetch(at, init)),
    clock: options.clock ?? Date,
    url: new URL(url).href,
  }
  const cache = new KeyCache(settings)
  return Object.assign((header: CompactJWSHeaderParameters) => cache.find(header), {
    refresh: () => cache.refresh(),
  })
}

type KeySet = ReturnType<typeof createLocalJWKSet>

class KeyCache {
  readonly #settings: Settings
  #keys: KeySet | undefined
  #fetchedAt = 0
  #triedAt: number | undefined
  #failure: unknown
  readonly #flights: SingleFlight

  constructor(settings: Settings) {
    this.#settings = settings
    this.#flights = new SingleFlight(2 * settings.timeout * 1000)
  }

  async find(header: CompactJWSHeaderParameters): Promise<CryptoKey> {
    const { maxAge, staleIfError } = this.#settings
    if (this.#keys === undefined || !this.#within(this.#fetchedAt, maxAge)) await this.#fetchOnce()
    const keys = this.#keys
    if (keys === undefined || !this.#within(this.#fetchedAt, maxAge + staleIfError)) {
      throw this.#unavailable()
    }
    try {
      return await keys(header)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      await this.refresh()
      if (this.#keys === keys || this.#keys === undefined) throw error
      return this.#keys(header)
    }
  }

  /** Has the keys fetched again, unless that was tried within the cooldown. */
  async refresh(): Promise<void> {
    await this.#fetchOnce()
    // The endpoint fails, and may have the key: that is no verdict on the token.
    if (this.#failure !== undefined) throw this.#unavailable()
  }

  /** Whether it is so long ago at most; a clock that was set back is not waited for. */
  #within(at: number, seconds: number): boolean {
    return Math.abs(this.#settings.clock.now() - at) < seconds * 1000
  }

  #unavailable(): Error {
    return new Error('The keys of the provider cannot be had', { cause: this.#failure })
  }

  /** Fetches, unless the last fetch is too recent. All who wait share one. */
  async #fetchOnce(): Promise<void> {
    await this.#flights.run('', async () => {
      const isRecent =
        this.#triedAt !== undefined && this.#within(this.#triedAt, this.#settings.cooldown)
      if (!isRecent) await this.#fetch()
    })
  }

  async #fetch(): Promise<void> {
    const { clock } = this.#settings
    try {
      this.#keys = createLocalJWKSet(await fetchKeys(this.#settings))
      this.#fetchedAt = clock.now()
      this.#failure = undefined
    } catch (error) {
      this.#failure = error
    }
    // From its end: an endpoint that takes its time is not asked more often.
    this.#triedAt = clock.now()
  }
}

async function fetchKeys({ url, timeout, fetch: get }: Settings): Promise<JSONWebKeySet> {
  const signal = AbortSignal.timeout(Math.ceil(timeout * 1000))
  const late = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () =>
      reject(new Error('The endpoint of the keys is too slow')),
    )
  })
  // A fetch of the app's own may not heed the signal.
  return Promise.race([read(get, url, signal), late])
}

async function read(
  get: Settings['fetch'],
  url: string,
  signal: AbortSignal,
): Promise<JSONWebKeySet> {
  const response = await get(url, {
    redirect: 'manual',
    signal,
    headers: { accept: 'application/jwk-set+json, application/json' },
  })
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new Error(`The endpoint of the keys answered ${response.status}`)
  }
  const text = await readBody(response.body, MOST_BYTES)
  if (text === undefined) throw new Error('The endpoint of the keys answered too much')
  return JSON.parse(text) as JSONWebKeySet
}

/** The keys of an option `jwks`. */
export function keySource(jwks: ProviderKeys, clock: Clock): KeySource {
  if (typeof jwks === 'function') return jwks
  if (typeof jwks === 'string' || jwks instanceof URL) return remoteKeys(jwks, { clock })
  try {
    if (jwks.keys.every((key) => !('d' in key || 'k' in key))) return createLocalJWKSet(jwks)
  } catch {
    // Said below, without what jose quotes.
  }
  refuseOptions(['jwks must be an https: URL, a set of public keys, or a function'])
  return () => undefined
}

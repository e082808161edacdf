import { SessionError } from '@adjourn/core'

/** What `mongoStore` takes beside the database. */
export interface MongoStoreOptions {
  /** The collection that holds sessions and epochs. Default: `sessions`. */
  readonly collection?: string
  /** Seconds after which any call of the store has failed. Default: 5. */
  readonly timeout?: number
}

/** In seconds: a timer that is to wait longer does not wait at all. */
const MAX_TIMEOUT = 2_147_483
/** No `$`, no NUL, nothing of the system's, and no dot at either end or doubled. */
const COLLECTION = /^(?!system\.)[^$\0.]+(?:\.[^$\0.]+)*$/

/** Checks everything once, and names every mistake. */
export function resolveOptions(given: MongoStoreOptions): {
  collection: string
  timeout: number
} {
  // Its own properties: what another bug has put on Object.prototype is no option.
  const own = Object.assign(Object.create(null) as MongoStoreOptions, given)
  const { collection = 'sessions', timeout = 5, ...unknown } = own
  const mistakes = Object.keys(unknown).map((key) => `${key} is not an option`)
  if (typeof collection !== 'string' || !COLLECTION.test(collection)) {
    mistakes.push('collection must be a name that MongoDB takes')
  }
  if (!(typeof timeout === 'number' && timeout > 0 && timeout <= MAX_TIMEOUT)) {
    mistakes.push(`timeout must be a number of seconds above 0, at most ${MAX_TIMEOUT}`)
  }
  if (mistakes.length > 0) {
    throw new SessionError('ERR_CONFIG', `mongoStore: ${mistakes.join('; ')}.`)
  }
  return { collection, timeout }
}

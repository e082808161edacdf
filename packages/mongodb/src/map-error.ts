import { SessionError } from '@adjourn/core'

interface DriverError {
  readonly name: string
  readonly code?: unknown
  readonly errorLabels?: unknown
  hasErrorLabel?(label: string): boolean
}

/** What a failure of the driver is to the callers of the store: always an outage, cause kept. */
export function mapError(operation: string, error: unknown): SessionError {
  if (error instanceof SessionError) return error
  return new SessionError('ERR_STORE_UNAVAILABLE', `MongoDB failed to ${operation}`, {
    cause: error,
  })
}

/** @param failure What went wrong meanwhile; nothing has if the server never answered. */
export function timedOut(
  operation: string,
  seconds: number,
  failure: { readonly cause?: unknown } = {},
): SessionError {
  const message = `MongoDB did not ${operation} within ${seconds} s`
  return new SessionError('ERR_STORE_UNAVAILABLE', message, failure)
}

export function closed(): SessionError {
  return new SessionError('ERR_STORE_UNAVAILABLE', 'The MongoDB session store is closed')
}

// By name and label, not by class: the app may have another copy of the driver.
const TRANSIENT = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoPoolClearedError',
  'MongoPoolClearedOnNetworkError',
  'MongoServerSelectionError',
])

/**
 * What the server says of itself when it goes away or steps down, without a label on reads. The driver
 * repeats its own reads for these, but no command.
 *
 * @see https://github.com/mongodb/specifications/blob/master/source/retryable-reads/retryable-reads.md
 */
const RETRYABLE_READ = new Set([
  6, 7, 89, 91, 134, 189, 262, 9001, 10_107, 11_600, 11_602, 13_435, 13_436,
])

/** Whether trying again may help: the node is gone, stepping down, or did not confirm in time. */
export function isTransient(error: unknown): boolean {
  if (!isDriverError(error)) return false
  return (
    TRANSIENT.has(error.name) ||
    RETRYABLE_READ.has(Number(error.code)) ||
    error.name === 'MongoWriteConcernError' ||
    (error.hasErrorLabel?.('RetryableWriteError') ?? false) ||
    (error.hasErrorLabel?.('RetryableError') ?? false)
  )
}

export function isDuplicateKey(error: unknown): boolean {
  return isDriverError(error) && error.code === 11_000
}

function isDriverError(error: unknown): error is DriverError {
  return error instanceof Error && error.name.startsWith('Mongo')
}

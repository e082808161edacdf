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

/** Whether trying again may help: the node is gone, stepping down, or did not confirm in time. */
export function isTransient(error: unknown): boolean {
  if (!isDriverError(error)) return false
  return (
    TRANSIENT.has(error.name) ||
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

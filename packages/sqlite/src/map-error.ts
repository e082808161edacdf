import { SessionError } from '@adjourn/core'

/** What a failure of SQLite is to the callers of the store: always an outage, cause kept. */
export function mapError(operation: string, error: unknown): SessionError {
  if (error instanceof SessionError) return error
  return new SessionError('ERR_STORE_UNAVAILABLE', `SQLite failed to ${operation}`, {
    cause: error,
  })
}

/** @param cause How SQLite says that another connection holds the lock. */
export function timedOut(operation: string, seconds: number, cause: unknown): SessionError {
  const message = `SQLite did not ${operation} within ${seconds} s: another connection holds the lock`
  return new SessionError('ERR_STORE_UNAVAILABLE', message, { cause })
}

export function closed(): SessionError {
  return new SessionError('ERR_STORE_UNAVAILABLE', 'The SQLite session store is closed')
}

const SQLITE_BUSY = 5

/** Whether another connection was in the way: nothing has happened, and trying again may help. */
export function isBusy(error: unknown): boolean {
  if (!(error instanceof Error && 'errcode' in error)) return false
  // The low byte is the code; what is above it says which lock it was.
  return typeof error.errcode === 'number' && error.errcode % 256 === SQLITE_BUSY
}

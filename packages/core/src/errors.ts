/** Every code that a {@link SessionError} can carry. Codes are stable; messages are not. */
export type SessionErrorCode =
  | 'ERR_CONFIG'
  | 'ERR_STORE_UNAVAILABLE'
  | 'ERR_SESSION_ENDED'
  | 'ERR_SESSION_REVOKED'
  | 'ERR_SESSION_LIMIT'
  | 'ERR_HEADERS_SENT'
  | 'ERR_DATA_INVALID'
  | 'ERR_COOKIE_TOO_LARGE'
  | 'ERR_TOKEN_INVALID'

const STATUS: Record<SessionErrorCode, number> = {
  ERR_CONFIG: 500,
  ERR_STORE_UNAVAILABLE: 503,
  ERR_SESSION_ENDED: 401,
  ERR_SESSION_REVOKED: 401,
  ERR_SESSION_LIMIT: 403,
  ERR_HEADERS_SENT: 500,
  ERR_DATA_INVALID: 500,
  ERR_COOKIE_TOO_LARGE: 500,
  ERR_TOKEN_INVALID: 401,
}

/** What is known beyond the code and the message. */
export interface SessionErrorDetails {
  /** The error underneath, such as the driver's. */
  readonly cause?: unknown
  /** What became of the session's record, see {@link SessionError.record}. */
  readonly record?: 'deleted' | 'unknown'
  /** Where in `data` the problem lies, see {@link SessionError.path}. */
  readonly path?: readonly PropertyKey[]
  /** Why a token is not accepted, see {@link SessionError.reason}. */
  readonly reason?: string
}

/**
 * The one error class of Adjourn. Check `code`; it also works when two copies of the package are
 * installed, where `instanceof` does not.
 *
 * No message, property or inspection of it holds a secret, a cookie or session data, but for the keys
 * that lead to a value which is invalid.
 *
 * | code | when |
 * | --- | --- |
 * | `ERR_CONFIG` | an option or an argument is wrong; the message names every mistake |
 * | `ERR_STORE_UNAVAILABLE` | the store failed or did not answer in time; answer 503 |
 * | `ERR_SESSION_ENDED` | the session has ended, was revoked, expired, or its cookie was rotated away |
 * | `ERR_SESSION_REVOKED` | a revocation overtook this login, or its fence does not vouch for it |
 * | `ERR_SESSION_LIMIT` | the user has as many sessions as `maxSessionsPerUser` allows, and `onLimit` is `reject` |
 * | `ERR_HEADERS_SENT` | the response has left, so no cookie can go with it |
 * | `ERR_DATA_INVALID` | `data` is not plain JSON, is too large, or fails the schema |
 * | `ERR_COOKIE_TOO_LARGE` | name and value exceed the 4096 bytes that browsers keep |
 * | `ERR_TOKEN_INVALID` | an access token does not verify |
 */
export class SessionError extends Error {
  /** Always `SessionError`. */
  override readonly name = 'SessionError'
  /** What happened; see the table. */
  readonly code: SessionErrorCode
  /** The HTTP status that fits; Express answers with it by default. */
  readonly status: number
  /**
   * After a failed `end()`: `deleted` when the record is gone and only the cookie could not be
   * cleared, `unknown` when the store did not confirm, so that the record may still live.
   */
  readonly record?: 'deleted' | 'unknown'
  /** For `ERR_DATA_INVALID`: the keys that lead to the offending value. */
  readonly path?: readonly PropertyKey[]
  /** For `ERR_TOKEN_INVALID`: which check failed, in a word that is safe to log. */
  readonly reason?: string

  /**
   * For stores and bindings; an app only catches them. The `status` follows from the code.
   *
   * @param code What happened.
   * @param message For people, and so without a secret, a cookie or data.
   * @param details What else is known.
   */
  constructor(code: SessionErrorCode, message: string, details: SessionErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined)
    this.code = code
    this.status = STATUS[code]
    if (details.record !== undefined) this.record = details.record
    if (details.path !== undefined) this.path = details.path
    if (details.reason !== undefined) this.reason = details.reason
  }

  /** The bare response that fits; Hono's default error handler answers with it. */
  getResponse(): Response {
    return new Response(this.status === 503 ? 'Service Unavailable' : null, {
      status: this.status,
      headers: { 'cache-control': 'no-store' },
    })
  }
}

/** The rejection of every write that finds its session over. */
export function sessionEnded(why: string): SessionError {
  return new SessionError('ERR_SESSION_ENDED', `The session is over: ${why}`)
}

/** The rejection of an end whose delete the store did not acknowledge. */
export function deletionUnconfirmed(cause: unknown): SessionError {
  return new SessionError(
    'ERR_STORE_UNAVAILABLE',
    'The store did not confirm that the record is deleted, so the session may still be alive; call end() again',
    { cause, record: 'unknown' },
  )
}

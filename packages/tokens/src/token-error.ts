import { SessionError } from '@adjourn/core'

/**
 * Why a token is not accepted: `reason` of the `SessionError` with `ERR_TOKEN_INVALID`, safe to log.
 *
 * | reason | the token |
 * | --- | --- |
 * | `malformed` | is no signed JWT, is too long, or has a header beyond `alg`, `typ` and `kid`, such as `jwk`, `jku`, `x5u` or `crit` |
 * | `algorithm` | is signed with an algorithm that none of the keys is for, or not with its key's |
 * | `type` | is of another kind, such as an ID token |
 * | `key` | names no key of ours |
 * | `signature` | was not signed with the key that it names |
 * | `issuer`, `audience` | is of somebody else, or for somebody else |
 * | `claims` | lacks a claim or has a wrong one, or is from the future |
 * | `expired` | has expired |
 * | `session` | belongs to a session that is over |
 */
export type TokenRejection =
  | 'malformed'
  | 'algorithm'
  | 'type'
  | 'key'
  | 'signature'
  | 'issuer'
  | 'audience'
  | 'claims'
  | 'expired'
  | 'session'

/** Without a cause and nothing of the token, so that it can be logged as it is. */
export function invalid(reason: TokenRejection): SessionError {
  return new SessionError('ERR_TOKEN_INVALID', `The access token is not accepted: ${reason}`, {
    reason,
  })
}

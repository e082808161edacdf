/**
 * Access tokens that die with their session, and providers that end sessions.
 *
 * @module @adjourn/tokens
 */
export { accessTokens } from './access-tokens.ts'
export type { AccessTokens, VerifiedToken } from './access-tokens.ts'
export type { TokenKeySet } from './jwks.ts'
export type { TokenClaims, TokenSource } from './token-claims.ts'
export type { TokenRejection } from './token-error.ts'
export { generateTokenKey } from './token-keys.ts'
export type { TokenAlgorithm, TokenKey, TokenPublicKey } from './token-keys.ts'
export type { AccessTokensOptions } from './token-options.ts'
export { backchannelLogout } from './backchannel-logout.ts'
export type { BackchannelLogoutOptions } from './backchannel-logout.ts'
export { remoteKeys } from './remote-keys.ts'
export type { KeySource, ProviderKeys, RemoteKeysOptions } from './remote-keys.ts'
export { endSessionUrl } from './end-session.ts'
export type { EndSessionOptions } from './end-session.ts'
export { sessionRevoked } from './session-revoked.ts'
export type { RevokedEvent, RevokedTarget, SessionRevokedOptions } from './session-revoked.ts'
export type {
  ComplexSubject,
  EmailSubject,
  IssuerSubject,
  OpaqueSubject,
  OtherSubject,
  Subject,
} from './subject.ts'

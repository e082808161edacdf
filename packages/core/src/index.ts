/**
 * Sessions that end when you say so.
 *
 * @module @adjourn/core
 */
export type { Clock, RandomSource } from './clock.ts'
export type { CookieOptions } from './cookie-options.ts'
export type { PreviousCookie } from './previous-cookies.ts'
export type { Data } from './data.ts'
export type { DiagnosableRequest, Diagnosis } from './diagnose.ts'
export { SessionError } from './errors.ts'
export type { SessionErrorCode, SessionErrorDetails } from './errors.ts'
export type { EndReason, RejectReason, SessionEvent, SessionEventListener } from './events.ts'
export type { Fence } from './fence.ts'
export type { Finding, FindingCode } from './findings.ts'
export type { Federation, RevokeTarget } from './groups.ts'
export type { SessionDetails, SessionInfo } from './listing.ts'
export { memoryStore } from './memory-store.ts'
export type { MemoryStoreOptions } from './memory-store.ts'
export type { SessionsOptions } from './options.ts'
export { aal1, aal2, aal3 } from './presets.ts'
export type { AssuranceLevel } from './presets.ts'
export { copyRecord } from './record.ts'
export type { Device, GroupEpoch, Membership, SessionRecord, SessionSummary } from './record.ts'
export type { CreateOptions, EndOptions, Session, SiteData } from './session.ts'
export { createSessions } from './sessions.ts'
export type { Sessions } from './sessions.ts'
export { nextEpoch } from './store.ts'
export type {
  Exception,
  Revocation,
  SessionChanges,
  SessionStore,
  StoreRead,
  Touch,
  Watch,
  WatchListener,
} from './store.ts'
export { createWatchers } from './watchers.ts'
export type { Watchers } from './watchers.ts'
export type { Telemetry, TelemetryOperation } from './telemetry.ts'
export { truncateIp } from './truncate-ip.ts'

/** The two timeouts of an assurance level, in seconds: to be spread into `createSessions`. */
export interface AssuranceLevel {
  /** Seconds without a request. */
  readonly idleTimeout: number
  /** Seconds whatever happens. */
  readonly absoluteTimeout: number
}

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/**
 * AAL1 of NIST SP 800-63B-4: 30 days. It asks for no inactivity limit, so `idleTimeout` is as long.
 *
 * The preset sets the timeouts; that users authenticate at this level, and do so again when a timeout
 * has ended their session, is the app's part.
 *
 * @see https://pages.nist.gov/800-63-4/sp800-63b.html section 2.1.3
 */
export const aal1: AssuranceLevel = Object.freeze({
  idleTimeout: 30 * DAY,
  absoluteTimeout: 30 * DAY,
})

/**
 * AAL2 of NIST SP 800-63B-4: 24 hours, and 1 hour of inactivity. They are the defaults too; the
 * preset says that they are meant.
 *
 * The preset sets the timeouts; that users authenticate with two factors, and do so again when a
 * timeout has ended their session, is the app's part. NIST lets one factor do after inactivity; here
 * the session is over in both cases, and what signs in is a new one.
 *
 * @example
 * ```ts
 * import { aal2, createSessions } from '@adjourn/core'
 *
 * const sessions = createSessions({ ...aal2, secrets: process.env.SESSION_SECRET! })
 * ```
 * @see https://pages.nist.gov/800-63-4/sp800-63b.html section 2.2.3
 */
export const aal2: AssuranceLevel = Object.freeze({ idleTimeout: HOUR, absoluteTimeout: DAY })

/**
 * AAL3 of NIST SP 800-63B-4: 12 hours, and 15 minutes of inactivity.
 *
 * The preset sets the timeouts; that users authenticate with a phishing-resistant key in hardware, and
 * do so again when a timeout has ended their session, is the app's part.
 *
 * @see https://pages.nist.gov/800-63-4/sp800-63b.html section 2.3.3
 */
export const aal3: AssuranceLevel = Object.freeze({
  idleTimeout: 15 * MINUTE,
  absoluteTimeout: 12 * HOUR,
})

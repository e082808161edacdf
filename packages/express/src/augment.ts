/**
 * Import this once for its types: they give Express requests a `session`. Not for an app that still
 * has express-session's types, which say otherwise; use `sessionOf(req)` there.
 *
 * @module @adjourn/express/augment
 */
import type { Session } from '@adjourn/core'

declare global {
  /** Express's own, for packages to add to. */
  namespace Express {
    /** A request of any Express app. */
    interface Request {
      /** The session of the request, signed in or not. Its `data` is untyped; `sessionOf` types it. */
      session: Session
    }
  }
}

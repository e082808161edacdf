/**
 * Import this once for its types: they give Express requests a `session`. Not for an app that still
 * has express-session's types, which say otherwise; use `sessionOf(req)` there.
 *
 * @module
 */
import type { Session } from '@adjourn/core'

declare global {
  // Express itself declares the namespace for this.
  namespace Express {
    interface Request {
      session: Session
    }
  }
}

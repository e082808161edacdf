import type { RevokeTarget } from './groups.ts'

/**
 * Why a session ended. `logout`: by `end`; `revoked`: by `destroy`; `idle`, `absolute`: that timeout
 * ran out; `limit`: by `maxSessionsPerUser`; `replaced`: another login of the same browser.
 */
export type EndReason = 'logout' | 'revoked' | 'idle' | 'absolute' | 'limit' | 'replaced'

/**
 * Why a cookie was not accepted. `malformed`: not of the form of our cookies, there twice, in a Cookie
 * header of more than 65 536 characters, or its record is not one of ours;
 * `forged`: well-formed, but no secret opens it; `unknown-secret`: sealed under another key id and
 * not opened by any secret; `expired`: the session it names is over; `stale-secret`: the session
 * lives, but was rotated and has another cookie by now.
 */
export type RejectReason = 'expired' | 'forged' | 'unknown-secret' | 'stale-secret' | 'malformed'

/** @inline */
interface About {
  /** When. */
  readonly at: Date
  /** The session's public handle. */
  readonly sessionId: string
  /** Whose session; absent: anonymous. */
  readonly userId?: string
}

/** What happened, for an audit log: ids, times and reasons, never a cookie, a secret or data. */
export type SessionEvent =
  | (About & {
      /** A session was started: by `create`, or by what a visitor was the first to save. */
      readonly type: 'created'
    })
  | (About & {
      /** A session has a new secret: by `rotate` or `revokeOthers`. */
      readonly type: 'rotated'
    })
  | (About & {
      /** A user proved again who they are: by `reauthenticate`, which also rotates. */
      readonly type: 'reauthenticated'
    })
  | (About & {
      /** One session is over, and its record is deleted. */
      readonly type: 'ended'
      /** Why. */
      readonly reason: EndReason
    })
  | {
      /** All sessions of a target are over: by `revokeAll` or `revokeOthers`. None is told of singly. */
      readonly type: 'revoked'
      /** When. */
      readonly at: Date
      /** Whose sessions. */
      readonly target: RevokeTarget
      /** The session that was spared; absent: none. */
      readonly exceptId?: string
      /** How many records were deleted. */
      readonly count: number
    }
  | {
      /** A request brought a cookie that signs nobody in. */
      readonly type: 'rejected'
      /** When. */
      readonly at: Date
      /** Why. */
      readonly reason: RejectReason
      /** Known where the cookie is authentic. */
      readonly sessionId?: string
    }

/**
 * Receives every event. What it throws or rejects with is ignored.
 *
 * @param event What happened.
 */
export type SessionEventListener = (event: SessionEvent) => unknown

// A listener that fails must not change what the operation reports.
export function createEmitter(
  listeners: readonly (SessionEventListener | undefined)[],
): (event: SessionEvent) => void {
  return (event) => {
    for (const listener of listeners) {
      try {
        const returned = listener?.(event)
        if (returned instanceof Promise) returned.catch(() => {})
      } catch {}
    }
  }
}

import type { RevokeTarget } from './groups.ts'

/** Why a session ended. */
export type EndReason = 'logout' | 'revoked' | 'idle' | 'absolute' | 'limit' | 'replaced'

/**
 * Why a cookie was not accepted. `malformed`: not of the form of our cookies, or there twice;
 * `forged`: well-formed, but no secret opens it; `unknown-secret`: sealed under another key id and
 * not opened by any secret; `expired`: the session it names is over; `stale-secret`: the session
 * lives, but was rotated and has another cookie by now.
 */
export type RejectReason = 'expired' | 'forged' | 'unknown-secret' | 'stale-secret' | 'malformed'

interface About {
  readonly at: Date
  readonly sessionId: string
  readonly userId?: string
}

/** What happened, for an audit log: ids, times and reasons, never a cookie, a secret or data. */
export type SessionEvent =
  | (About & { readonly type: 'created' })
  | (About & { readonly type: 'rotated' })
  | (About & { readonly type: 'reauthenticated' })
  | (About & { readonly type: 'ended'; readonly reason: EndReason })
  | {
      readonly type: 'revoked'
      readonly at: Date
      readonly target: RevokeTarget
      readonly exceptId?: string
      /** How many records were deleted. */
      readonly count: number
    }
  | {
      readonly type: 'rejected'
      readonly at: Date
      readonly reason: RejectReason
      /** Known where the cookie is authentic. */
      readonly sessionId?: string
    }

/** Receives every event. What it throws or rejects with is ignored. */
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

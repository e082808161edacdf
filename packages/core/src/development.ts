import { keepSession, keptOthers, keptSession } from './kept-sessions.ts'
import { RequestSession } from './request-session.ts'
import type { Session } from './session.ts'

/** How a binding was mounted for a request. */
export interface Mounting {
  /** Whose middleware it is. */
  readonly sessions: object
  /** What a handler has in hand to ask `diagnose` with. */
  readonly request: object
  /** A route of the app, or a response, has come before the middleware. */
  readonly isLate: boolean
}

/** What a binding calls while a response goes out. */
export interface ResponseChecks {
  /** The headers leave now. */
  readonly leaving: () => void
  /** The response is over. */
  readonly done: () => void
}

/**
 * In development, warns once of what goes wrong without an error: `end()` not awaited, data not
 * saved, a middleware mounted late, or twice under one cookie name. A binding calls it when it has
 * kept the session. Undefined in production: there is nothing to call.
 *
 * @param session As it was loaded.
 * @param mounting How the binding was mounted.
 */
export function developmentChecks<D extends object>(
  session: Session<D>,
  mounting: Mounting,
): ResponseChecks | undefined {
  const { sessions, request, isLate } = mounting
  if (!(session instanceof RequestSession) || !session.inDevelopment) return undefined
  // A binding may keep it on something else than what handlers call the request, which may be frozen.
  const isKept = keptSession(request, sessions) === session
  if (!isKept && Object.isExtensible(request)) keepSession(request, sessions, session)
  if (isLate) session.warn('mounted-late')
  const others = keptOthers(request, sessions)
  if (others.some((other) => cookieNameOf(other) === session.cookieName)) session.warn('name-taken')
  return {
    leaving: () => {
      if (session.isEnding) session.warn('end-not-awaited')
    },
    done: () => {
      if (session.hasForgottenChanges()) session.warn('unsaved-data')
    },
  }
}

/**
 * What a binding calls where it finds the request's session kept by itself.
 *
 * @param session The one that is kept.
 */
export function warnOfMountingTwice<D extends object>(session: Session<D>): void {
  if (session instanceof RequestSession) session.warn('mounted-twice')
}

/**
 * What a binding calls where it answers an error of a handler that nobody else sees.
 *
 * @param request What its session was kept on.
 * @param sessions Whose session.
 */
export function warnOfUnseenError(request: object, sessions: object): void {
  const session: object | undefined = keptSession(request, sessions)
  if (session instanceof RequestSession) session.warn('unseen-error')
}

function cookieNameOf(session: object): string | undefined {
  return session instanceof RequestSession ? session.cookieName : undefined
}

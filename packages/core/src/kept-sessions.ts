import type { Session } from './session.ts'

interface Kept {
  /** A request made from this one inherits the property, or copies it, and has a session of its own. */
  readonly request: object
  readonly sessions: object
  readonly session: Session<object>
  readonly others: Kept | undefined
}

// On the request itself: a table of requests that are gone in an instant keeps the garbage collector
// busy. Under a symbol, so that it cannot be mistaken for another library's.
const KEPT = Symbol('adjourn.kept')

interface Carrier {
  [KEPT]?: Kept | undefined
}

/**
 * Keeps the session that some `Sessions` have loaded for a request, on whatever stands for the request
 * in a framework: mounted twice, a request still has one session of each `Sessions`.
 *
 * @param request The same object for as long as the request lasts.
 * @param sessions Whose session.
 * @param session What they loaded.
 */
export function keepSession<D extends object>(
  request: object,
  sessions: object,
  session: Session<D>,
): void {
  // In front, also where it was there: the one mounted last is the one that handlers mean.
  const others = without(own(request), sessions)
  const carrier = request as Carrier
  carrier[KEPT] = { request, sessions, session, others }
}

/** A request may be loaded again and again, and is not to grow by it. */
function without(kept: Kept | undefined, sessions: object): Kept | undefined {
  if (kept === undefined || kept.sessions === sessions) return kept?.others
  return { ...kept, others: without(kept.others, sessions) }
}

/**
 * The session kept last, of these `Sessions` if they are given.
 *
 * @param request What it was kept on.
 * @param sessions Whose session. Default: of any.
 */
export function keptSession<D extends object>(
  request: object,
  sessions?: object,
): Session<D> | undefined {
  let kept = own(request)
  if (sessions === undefined) return kept?.session
  while (kept !== undefined && kept.sessions !== sessions) kept = kept.others
  return kept?.session
}

/** The sessions kept for the request by other `Sessions`. */
export function keptOthers(request: object, sessions: object): Session<object>[] {
  const others: Session<object>[] = []
  for (let kept = own(request); kept !== undefined; kept = kept.others) {
    if (kept.sessions !== sessions) others.push(kept.session)
  }
  return others
}

function own(request: object): Kept | undefined {
  const kept = (request as Carrier | undefined)?.[KEPT]
  return kept?.request === request ? kept : undefined
}

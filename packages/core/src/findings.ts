import { warn } from './environment.ts'

/** What `diagnose` and the warnings of development have to say, for programs. */
export type FindingCode =
  | 'unsaved-data'
  | 'end-not-awaited'
  | 'insecure-request'
  | 'duplicate-cookie'
  | 'mounted-twice'
  | 'mounted-late'
  | 'name-taken'
  | 'unseen-error'
  | 'no-middleware'
  | 'no-cookie'
  | 'other-prefix'
  | 'cross-site'
  | 'malformed'
  | 'forged'
  | 'unknown-secret'
  | 'seal-expired'
  | 'gone'
  | 'expired'
  | 'revoked'
  | 'stale'
  | 'tampered'
  | 'store-unavailable'

/** One thing that is wrong, or explains why nobody is signed in. */
export interface Finding {
  /** For programs. `docs/diagnosis.md` explains each. */
  readonly code: FindingCode
  /** What it means and what to do. Never a cookie, a secret or data. */
  readonly message: string
}

// Short: they are part of what a Worker loads. docs/diagnosis.md has the rest.
const MESSAGES: Readonly<Record<FindingCode, string>> = {
  // What development warns of.
  'unsaved-data':
    'session.data was changed and not saved: await session.save() before the response',
  'end-not-awaited':
    'session.end() was not awaited: the response leaves before the record is deleted',
  'insecure-request':
    'the cookie is Secure and this browser seems to use plain http, so it does not keep it: use https, or cookie.secure: false on your own machine',
  'duplicate-cookie':
    'two cookies of the session’s name, with another path or domain: neither counts; cookie.previous deletes the old one',
  'mounted-twice': 'session(sessions) is mounted twice for one request; once is enough',
  'mounted-late': 'session(sessions) ran after a route or the response: mount it before the routes',
  'name-taken':
    'two createSessions with one cookie name in one app refuse and replace each other’s cookie: set cookie.name',
  'unseen-error':
    'what a handler threw was answered, and nobody has seen it: give withSession an onError',
  // What else diagnose sees.
  'no-middleware':
    'session(sessions) has not run for this request: mounted after this route, elsewhere, or not at all',
  'no-cookie': 'no cookie of the session’s name',
  'other-prefix':
    'a cookie of this name under another prefix: cookie.secure, domain or path have changed, or differ between nodes',
  'cross-site': 'from another site, where SameSite keeps the cookie back',
  malformed: 'not a cookie of ours, or cut off or changed on its way',
  forged:
    'no secret opens the cookie: changed, or its secret is not in secrets, or not on this node',
  'unknown-secret': 'sealed by another library or under another key',
  'seal-expired': 'the cookie is older than the absolute timeout',
  gone: 'authentic, and not in the store: ended, expired, or this node has another store',
  expired: 'the session is over by its idle or absolute timeout',
  revoked: 'the session was revoked',
  stale: 'the session was rotated: there is a newer cookie',
  tampered: 'somebody changed the record: it names other groups than its cookie',
  'store-unavailable': 'the store did not answer',
}

export function finding(code: FindingCode): Finding {
  return { code, message: MESSAGES[code] }
}

/** Warns in development, once of each: of what goes wrong without an error. */
export interface Warnings {
  warn(code: FindingCode): void
  /** What has been warned of. */
  given(): readonly FindingCode[]
}

export function createWarnings(isOn: boolean): Warnings {
  const given = new Set<FindingCode>()
  return {
    warn(code) {
      if (!isOn || given.has(code)) return
      given.add(code)
      warn(MESSAGES[code])
    },
    given: () => [...given],
  }
}

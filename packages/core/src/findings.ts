import { inProduction, warn } from './environment.ts'

/** What `diagnose` and the warnings of development have to say, for programs. */
export type FindingCode = keyof typeof MESSAGES

/** One thing that is wrong, or explains why nobody is signed in. */
export interface Finding {
  readonly code: FindingCode
  /** What it means and what to do. Never a cookie, a secret or data. */
  readonly message: string
}

const MESSAGES = {
  // What development warns of.
  'unsaved-data':
    'session.data was changed and not saved: await session.save() before the response.',
  'end-not-awaited':
    'session.end() was not awaited: the response leaves before the record is deleted, and nobody learns if that fails. Write await session.end().',
  'insecure-request':
    'The session cookie is Secure, and the browser seems to use plain http: it will not keep the cookie. Use https up to the browser; on your own machine use http://localhost in a browser that trusts it, or cookie: { secure: false }.',
  'duplicate-cookie':
    'The request has two cookies of the session cookie’s name, with another path or domain, and nobody can tell which one counts: the request is not signed in. Delete the other one by cookie: { previous: [{ name, path, domain }] }.',
  'mounted-twice':
    'session(sessions) is mounted twice for one request. The second does nothing: take it out.',
  'mounted-late':
    'session(sessions) ran after a route, or after the response: mount it before the routes.',
  'name-taken':
    'Two Sessions with one cookie name are mounted for one request: each takes the cookie of the other for a bad one, and the last answer wins. Call createSessions once for each app, or give each a cookie.name.',
  // What else diagnose sees.
  'no-middleware':
    'session(sessions) has not run for this request: it is mounted after this route, for another path, or not at all.',
  'no-cookie': 'The request has no cookie of the session cookie’s name.',
  'other-prefix':
    'The request has a cookie of this name with another prefix: cookie.secure, domain or path were changed, or differ between nodes. It is not read; cookie.previous deletes it.',
  'cross-site':
    'The request comes from another site, and the cookie’s SameSite keeps it back from most of these.',
  malformed: 'The cookie is not one that Adjourn made, or was cut off or changed on its way.',
  forged:
    'No secret opens the cookie: it was changed, or sealed under a secret that is not in secrets any more, or not on this node.',
  'unknown-secret': 'The cookie was sealed by another library or under another key.',
  'seal-expired': 'The cookie is older than the absolute timeout: the session is over.',
  gone: 'The cookie is authentic, and its session is not in the store: it was ended, has expired, or this node has another store.',
  expired: 'The session of the cookie is over by its idle or its absolute timeout.',
  revoked: 'The session of the cookie was revoked with its user, a tag or everybody.',
  stale:
    'The session lives, and was rotated: the browser has, or should have, a newer cookie than this one.',
  tampered:
    'The record in the store was changed by somebody: it names other groups than its cookie.',
  'store-unavailable': 'The store did not answer. Nothing is known of the session.',
} as const

export function finding(code: FindingCode): Finding {
  return { code, message: MESSAGES[code] }
}

/** Warns in development, once of each: of what goes wrong without an error. */
export interface Warnings {
  warn(code: FindingCode): void
  /** What has been warned of. */
  given(): readonly FindingCode[]
}

export function createWarnings(isOn: boolean = !inProduction()): Warnings {
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

import { findMistakes, own, type Rule } from './check.ts'
import { findCookie, serializeDeletion, type CookieAttributes } from './cookie.ts'

/** A cookie of an earlier configuration. */
export interface PreviousCookie {
  /** In full, its prefix included, such as `connect.sid` or `__Secure-session`. */
  readonly name: string
  /** Default: `/`. */
  readonly path?: string
  /** Default: this host only. */
  readonly domain?: string
}

/** How a cookie of an earlier configuration is deleted. */
export interface Clearing {
  readonly name: string
  /** The Set-Cookie value. */
  readonly setCookie: string
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''

const RULES: Record<keyof PreviousCookie, Rule> = {
  name: { test: isText, must: 'the name of a cookie' },
  path: {
    test: (value) => isText(value) && String(value).startsWith('/'),
    must: 'a path that begins with "/"',
  },
  domain: { test: isText, must: 'a domain' },
}

/** The deletions of earlier cookies, and what is wrong with the options. */
export function resolvePrevious(
  previous: readonly PreviousCookie[],
  current: CookieAttributes,
): { clearings: Clearing[]; mistakes: string[] } {
  const clearings: Clearing[] = []
  const mistakes: string[] = []
  for (const [at, given] of previous.entries()) {
    const prefix = `cookie.previous[${at}].`
    const cookie = own(given)
    const wrong = findMistakes(cookie, RULES, prefix)
    if (cookie.name === undefined) wrong.push(`${prefix}name is missing`)
    if (clearings.some(({ name }) => name === cookie.name)) {
      wrong.push(`${prefix}name is there twice: a response takes one Set-Cookie of a name`)
    }
    if (wrong.length === 0) clearings.push(...clearing(cookie, current, { prefix, wrong }))
    mistakes.push(...wrong)
  }
  return { clearings, mistakes }
}

function clearing(
  { name, path = '/', domain }: PreviousCookie,
  current: CookieAttributes,
  { prefix, wrong }: { prefix: string; wrong: string[] },
): Clearing[] {
  const isCurrent = name === current.name && path === current.path && domain === current.domain
  if (isCurrent) {
    wrong.push(`${prefix}name, path and domain are those of the cookie itself`)
    return []
  }
  if (/^__host-/i.test(name) && (path !== '/' || domain !== undefined)) {
    wrong.push(`${prefix}name begins with __Host-: such a cookie has the path "/" and no domain`)
    return []
  }
  const scope = domain === undefined ? { path } : { path, domain }
  try {
    // A browser takes a prefixed name only from a cookie that is Secure.
    const secure = current.secure === true || name.startsWith('__')
    const { domain: _domain, partitioned: _partitioned, ...flags } = current
    return [{ name, setCookie: serializeDeletion({ ...flags, ...scope, name, secure }) }]
  } catch (error) {
    wrong.push(`${prefix}${error instanceof Error ? error.message : 'is invalid'}`)
    return []
  }
}

/** Which of them a request has to have deleted. */
export function clearingsFor(
  previous: readonly Clearing[],
  cookieHeader: string | null | undefined,
  currentName: string,
): string[] {
  return previous
    .filter(({ name }) => {
      const { kind } = findCookie(cookieHeader, name)
      // One of the present name alone may be the present cookie.
      return kind === 'duplicate' || (kind === 'found' && name !== currentName)
    })
    .map(({ setCookie }) => setCookie)
}

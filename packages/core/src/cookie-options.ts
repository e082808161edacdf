import { findMistakes, own, type Rule } from './check.ts'
import { serializeDeletion, type CookieAttributes } from './cookie.ts'
import { resolvePrevious, type Clearing, type PreviousCookie } from './previous-cookies.ts'

/** How the session cookie is named and scoped. `HttpOnly` is always set and is no option. */
export interface CookieOptions {
  /**
   * The name without its prefix, which follows from the other options: `__Host-` by default,
   * `__Secure-` with `domain` or another `path`, none with `secure: false`. A name given with the
   * prefix it would get is taken as it is. Default: `session`.
   */
  readonly name?: string
  /** Share the cookie with all subdomains of this domain. Default: this host only. */
  readonly domain?: string
  /** Default: `/`. */
  readonly path?: string
  /** Default: `lax`. `none` needs `secure`. */
  readonly sameSite?: 'lax' | 'strict' | 'none'
  /**
   * Default: true. False is for plain http on a developer's machine: anyone on the wire can read
   * the cookie, and it has no prefix.
   */
  readonly secure?: boolean
  /**
   * One cookie jar for each embedding site (CHIPS). Needs `secure`, and `sameSite: 'none'` to be kept
   * in a frame of another site. Default: false.
   */
  readonly partitioned?: boolean
  /**
   * True: `Max-Age` is what is left of the absolute timeout. False: the browser forgets the cookie
   * when it closes. The record decides in either case. Default: true.
   */
  readonly persistent?: boolean
  /**
   * Cookies of an earlier configuration, which browsers may still have, by their full names: those
   * that a request brings along are deleted with its response. One of the present name, with another
   * path or domain, is deleted where a request brings both; a response takes one Set-Cookie of a
   * name, so there can be one such. An app that still sets or reads one of these itself loses it,
   * whatever the response: not for cookies that are still accepted. Default:
   * none.
   */
  readonly previous?: readonly PreviousCookie[]
}

export interface ResolvedCookie {
  readonly attributes: CookieAttributes
  readonly persistent: boolean
  readonly previous: readonly Clearing[]
}

const isBoolean: Rule = { test: (value) => typeof value === 'boolean', must: 'true or false' }

const RULES: Record<keyof CookieOptions, Rule> = {
  name: {
    test: (value) => typeof value === 'string' && /^[\w!#$%&'*+.^`|~-]{1,256}$/.test(value),
    must: 'a cookie name of RFC 6265',
  },
  domain: { test: (value) => typeof value === 'string' && value !== '', must: 'a domain' },
  path: {
    test: (value) => typeof value === 'string' && value.startsWith('/'),
    must: 'a path that begins with "/"',
  },
  sameSite: {
    test: (value) => value === 'lax' || value === 'strict' || value === 'none',
    must: "'lax', 'strict' or 'none'",
  },
  secure: isBoolean,
  partitioned: isBoolean,
  persistent: isBoolean,
  previous: { test: Array.isArray, must: 'a list' },
}

const DEFAULTS = {
  name: 'session',
  path: '/',
  sameSite: 'lax',
  secure: true,
  partitioned: false,
  persistent: true,
  previous: [],
} as const

/** The cookie as it will be, and what is wrong with the options. */
export function resolveCookie(given: CookieOptions): {
  cookie: ResolvedCookie
  mistakes: string[]
} {
  const mistakes = findMistakes(given, RULES, 'cookie.')
  const set = Object.entries(given).filter(([, value]) => value !== undefined)
  const options: CookieOptions & typeof DEFAULTS = { ...DEFAULTS, ...Object.fromEntries(set) }
  const { name, persistent, previous, ...flags } = options
  const wanted: CookieAttributes = own({ ...flags, name, httpOnly: true })
  const prefix = prefixFor(wanted)
  const named = PREFIX.exec(name)?.[0]
  const attributes = own({ ...wanted, name: named === undefined ? `${prefix}${name}` : name })
  const earlier = resolvePrevious(Array.isArray(previous) ? previous : [], attributes)
  const contradictory = mistakes.length > 0 ? [] : contradictions(attributes, { prefix, named })
  return {
    cookie: { attributes, persistent, previous: earlier.clearings },
    mistakes: [...mistakes, ...contradictory, ...earlier.mistakes],
  }
}

/** A cookie's prefix, in whatever case: browsers do not tell them apart. */
export const PREFIX: RegExp = /^__(?:host|secure)-/i

/** The prefix that the browser is to enforce (RFC 6265bis, section 4.1.3). */
function prefixFor({ secure, domain, path }: CookieAttributes): string {
  if (!secure) return ''
  return domain === undefined && path === '/' ? '__Host-' : '__Secure-'
}

function contradictions(
  attributes: CookieAttributes,
  { prefix, named }: { prefix: string; named: string | undefined },
): string[] {
  const mistakes: string[] = []
  const { secure, sameSite, partitioned } = attributes
  if (!secure && sameSite === 'none') mistakes.push("cookie.sameSite 'none' needs secure")
  if (!secure && partitioned) mistakes.push('cookie.partitioned needs secure')
  if (named !== undefined && named !== prefix) {
    mistakes.push(`cookie.name begins with ${named}, but these options call for "${prefix}"`)
  }
  try {
    serializeDeletion(attributes)
  } catch (error) {
    mistakes.push(error instanceof Error ? error.message : 'cookie is invalid')
  }
  return mistakes
}

import { serializeDeletion, type CookieAttributes } from './cookie.ts'

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
  /** One cookie jar for each embedding site (CHIPS). Needs `secure`. Default: false. */
  readonly partitioned?: boolean
  /**
   * True: `Max-Age` is what is left of the absolute timeout. False: the browser forgets the cookie
   * when it closes. The record decides in either case. Default: true.
   */
  readonly persistent?: boolean
}

export interface ResolvedCookie {
  readonly attributes: CookieAttributes
  readonly persistent: boolean
}

type Checks = Record<keyof CookieOptions, { test(value: unknown): boolean; must: string }>

const isBoolean = { test: (value: unknown) => typeof value === 'boolean', must: 'true or false' }
const isText = {
  test: (value: unknown) => typeof value === 'string' && value !== '',
  must: 'a non-empty string',
}

const CHECKS: Checks = {
  name: {
    test: (value) => typeof value === 'string' && /^[\w!#$%&'*+.^`|~-]{1,256}$/.test(value),
    must: 'a cookie name of RFC 6265',
  },
  domain: isText,
  path: {
    test: (value) => typeof value === 'string' && value.startsWith('/'),
    must: 'a path that begins with "/"',
  },
  sameSite: {
    test: (value) => ['lax', 'strict', 'none'].includes(value as string),
    must: "'lax', 'strict' or 'none'",
  },
  secure: isBoolean,
  partitioned: isBoolean,
  persistent: isBoolean,
}

export function resolveCookie(given: CookieOptions, mistakes: string[]): ResolvedCookie {
  const before = mistakes.length
  for (const [key, value] of Object.entries(given)) {
    if (!Object.hasOwn(CHECKS, key)) mistakes.push(`cookie.${key} is not an option`)
    else if (value !== undefined) {
      const { test, must } = CHECKS[key as keyof CookieOptions]
      if (!test(value)) mistakes.push(`cookie.${key} must be ${must}`)
    }
  }
  const secure = given.secure ?? true
  if (!secure && given.sameSite === 'none') mistakes.push("cookie.sameSite 'none' needs secure")
  if (!secure && given.partitioned) mistakes.push('cookie.partitioned needs secure')
  const attributes: CookieAttributes = {
    name: prefixed(given, mistakes),
    path: given.path ?? '/',
    sameSite: given.sameSite ?? 'lax',
    httpOnly: true,
    secure,
    partitioned: given.partitioned ?? false,
    ...(given.domain === undefined ? {} : { domain: given.domain }),
  }
  if (mistakes.length === before) checkSerializable(attributes, mistakes)
  return { attributes, persistent: given.persistent ?? true }
}

const PREFIX = /^__(?:host|secure)-/i

function prefixed(given: CookieOptions, mistakes: string[]): string {
  const { name = 'session', domain, path = '/', secure = true } = given
  const prefix = secure ? (domain === undefined && path === '/' ? '__Host-' : '__Secure-') : ''
  const named = PREFIX.exec(String(name))?.[0]
  if (named === undefined) return `${prefix}${name}`
  if (named !== prefix) {
    mistakes.push(`cookie.name has the prefix ${named}, but these options call for "${prefix}"`)
  }
  return name
}

function checkSerializable(attributes: CookieAttributes, mistakes: string[]): void {
  try {
    serializeDeletion(attributes)
  } catch (error) {
    mistakes.push((error as Error).message)
  }
}

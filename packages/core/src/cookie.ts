import { parseCookie, stringifySetCookie, type SetCookie } from 'cookie'
import { own } from './check.ts'
import { SessionError } from './errors.ts'

/** Everything that makes up the cookie's identity and flags; fixed for set and clear alike. */
export type CookieAttributes = Readonly<
  Pick<SetCookie, 'name' | 'domain' | 'path' | 'sameSite' | 'secure' | 'partitioned' | 'httpOnly'>
>

export type FoundCookie =
  | { readonly kind: 'none' }
  | { readonly kind: 'duplicate' }
  /** A header that is too long to be looked at. */
  | { readonly kind: 'oversized' }
  | { readonly kind: 'found'; readonly value: string }

/** Browsers drop a cookie whose name and value together are larger (RFC 6265bis, section 5.6). */
const MAX_BYTES = 4096

/**
 * In characters. Four times what Node takes of all headers, and more than any proxy lets through; other
 * servers have no limit of their own.
 */
const LONGEST_HEADER = 65_536

const raw = (value: string): string => value

/**
 * The value of the cookie `name` in a Cookie header. Two of one name are never resolved by their
 * order, which RFC 6265bis section 4.2.2 leaves open: one of them may have been planted. A name that
 * is followed by white space is another's; browsers send none.
 */
export function findCookie(header: string | null | undefined, name: string): FoundCookie {
  if (header && header.length > LONGEST_HEADER) return { kind: 'oversized' }
  const start = header?.indexOf(`${name}=`) ?? -1
  if (!header || start === -1) return { kind: 'none' }
  const plain = plainValue(header, name, start)
  if (plain !== undefined) return { kind: 'found', value: plain }
  const values = header
    .split(';')
    .filter((pair) => pair.includes(`${name}=`))
    .map((pair) => parseCookie(pair, { decode: raw })[name])
    .filter((value) => value !== undefined)
  const [value] = values
  if (value === undefined) return { kind: 'none' }
  return values.length > 1 ? { kind: 'duplicate' } : { kind: 'found', value }
}

/** The value that begins at `start`, if parsing could tell nothing else: that takes much longer. */
function plainValue(header: string, name: string, start: number): string | undefined {
  const from = start + name.length + 1
  const isOnly = !header.includes(`${name}=`, from)
  if (!isOnly || (start > 0 && !header.startsWith('; ', start - 2))) return undefined
  const end = header.indexOf(';', from)
  const value = header.slice(from, end === -1 ? undefined : end)
  return value === value.trim() ? value : undefined
}

/** The Set-Cookie value that hands out `value`; without `maxAge`, until the browser closes. */
export function serializeCookie(
  attributes: CookieAttributes,
  value: string,
  maxAge: number | undefined,
): string {
  // A seal is ASCII: one byte a character.
  assertFits(attributes.name.length + value.length)
  const lifetime = maxAge === undefined ? {} : { maxAge }
  return stringifySetCookie(own({ ...attributes, ...lifetime, value }), { encode: raw })
}

/** @param length Of what is to be in the cookie, in characters. */
export function assertFits(length: number): void {
  if (length <= MAX_BYTES) return
  throw new SessionError(
    'ERR_COOKIE_TOO_LARGE',
    `The session cookie would be larger than the ${MAX_BYTES} bytes that browsers keep; the user id and the tags are part of it`,
  )
}

/**
 * The Set-Cookie value that deletes the cookie. A browser deletes only what it would accept under
 * the same name, domain, path and flags (RFC 6265bis, section 5.7).
 */
export function serializeDeletion(attributes: CookieAttributes): string {
  return stringifySetCookie(own({ ...attributes, value: '', maxAge: 0, expires: new Date(0) }))
}

/** The name that a Set-Cookie value sets. */
export function setCookieName(setCookie: string): string {
  return setCookie.slice(0, setCookie.search(/[=;]|$/)).trim()
}

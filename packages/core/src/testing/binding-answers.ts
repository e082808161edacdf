import assert from 'node:assert/strict'
import { SessionError } from '../index.ts'
import type { Opened } from './binding-client.ts'

/** An answer that has arrived whole. */
export interface Answer extends Omit<Opened, 'text'> {
  readonly body: string
}

export interface SetCookie {
  readonly name: string
  readonly value: string
  /** By lower-case name; of a flag, ''. */
  readonly attributes: Readonly<Record<string, string>>
}

export const COOKIE = '__Host-session'

/** What identifies the cookie to a browser, and guards it there. */
export const DEFAULT_ATTRIBUTES: Readonly<Record<string, string>> = {
  path: '/',
  httponly: '',
  secure: '',
  samesite: 'Lax',
}

const DELETED = { 'max-age': '0', expires: 'Thu, 01 Jan 1970 00:00:00 GMT' }

export function headerValues({ headers }: Pick<Answer, 'headers'>, name: string): string[] {
  return headers.flatMap(([key, value]) => (key.toLowerCase() === name ? [value] : []))
}

export function cacheControl(answer: Answer): string | undefined {
  return headerValues(answer, 'cache-control').join(', ') || undefined
}

/** The Set-Cookie headers of one name. */
export function cookiesNamed(answer: Answer, name: string): SetCookie[] {
  return headerValues(answer, 'set-cookie')
    .map(parseSetCookie)
    .filter((cookie) => cookie.name === name)
}

/** The values of all other Set-Cookie headers, in their order. */
export function otherCookies(answer: Answer, name: string = COOKIE): string[] {
  return headerValues(answer, 'set-cookie').filter((value) => parseSetCookie(value).name !== name)
}

/** That the answer hands out exactly one session cookie. As a browser would send it back. */
export function assertIssued(
  answer: Answer,
  { name = COOKIE, attributes = DEFAULT_ATTRIBUTES }: Partial<Omit<SetCookie, 'value'>> = {},
): string {
  const cookie = theOne(answer, name)
  assert.match(cookie.value, /^[\w.*~-]{100,}$/, 'the cookie is sealed')
  // The clock stands still, so that all of the absolute timeout is left.
  assert.deepEqual(cookie.attributes, { ...attributes, 'max-age': '86400' })
  return `${name}=${cookie.value}`
}

/** That the answer makes the browser delete the session cookie, and says so once. */
export function assertCleared(
  answer: Answer,
  { name = COOKIE, attributes = DEFAULT_ATTRIBUTES }: Partial<Omit<SetCookie, 'value'>> = {},
): void {
  const cookie = theOne(answer, name)
  assert.equal(cookie.value, '')
  assert.deepEqual(cookie.attributes, { ...attributes, ...DELETED })
}

/** That the answer says nothing of the session. */
export function assertSilent(answer: Answer, name: string = COOKIE): void {
  assert.deepEqual(cookiesNamed(answer, name), [], 'no session cookie')
  assert.equal(cacheControl(answer), undefined)
}

/** The error that a call of the session rejected with. */
export async function errorOf(call: Promise<unknown>): Promise<SessionError | undefined> {
  try {
    await call
    return undefined
  } catch (error) {
    if (error instanceof SessionError) return error
    throw error
  }
}

/** Its code alone. */
export async function codeOf(call: Promise<unknown>): Promise<string | undefined> {
  return (await errorOf(call))?.code
}

function theOne(answer: Answer, name: string): SetCookie {
  const [cookie, ...more] = cookiesNamed(answer, name)
  assert.ok(cookie, `a Set-Cookie of ${name}`)
  assert.deepEqual(more, [], `one Set-Cookie of ${name}`)
  return cookie
}

function parseSetCookie(header: string): SetCookie {
  const [first = '', ...rest] = header.split(';').map((part) => splitPair(part))
  const attributes = rest.map(([key, value]) => [key.toLowerCase(), value] as const)
  return { name: first[0], value: first[1], attributes: Object.fromEntries(attributes) }
}

function splitPair(part: string): readonly [name: string, value: string] {
  const [name = '', ...value] = part.split('=')
  return [name.trim(), value.join('=').trim()]
}

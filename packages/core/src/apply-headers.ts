import { setCookieName } from './cookie.ts'
import type { QueuedHeaders } from './transport.ts'

/** The part of the Web's `Headers` that is needed to apply what is queued. */
export interface HeaderTarget {
  /**
   * Whether there is a header of that name.
   *
   * @param name In any case.
   */
  has(name: string): boolean
  /**
   * Sets a header in place of all of its name.
   *
   * @param name In any case.
   * @param value What it is set to.
   */
  set(name: string, value: string): void
  /** The value of each Set-Cookie header. */
  getSetCookie(): string[]
  /**
   * Adds a header beside those of its name.
   *
   * @param name In any case.
   * @param value What is added.
   */
  append(name: string, value: string): void
  /**
   * Removes every header of that name.
   *
   * @param name In any case.
   */
  delete(name: string): void
}

/**
 * Puts the queued headers on a response: one Set-Cookie of each name that is queued, all
 * others kept; `Cache-Control: no-store` unless the app has said something else. Idempotent, does no I/O.
 * Throws, having changed nothing, if the headers are immutable.
 *
 * @param queued What the transport was given last.
 * @param headers Of the response, changed in place.
 * @see RFC 6265bis section 4.1.1: no two Set-Cookie of one name in a response
 */
export function applyHeaders(queued: QueuedHeaders, headers: HeaderTarget): void {
  const ours = [queued.setCookie ?? [], queued.clearings ?? []].flat()
  const names = new Set(ours.map(setCookieName))
  const others = headers.getSetCookie().filter((value) => !names.has(setCookieName(value)))
  headers.delete('set-cookie')
  for (const value of [...others, ...ours]) headers.append('set-cookie', value)
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store')
  if (queued.clearSiteData !== undefined) headers.set('clear-site-data', queued.clearSiteData)
}

import { findCookie } from './cookie.ts'
import type { Transport } from './transport.ts'

/**
 * Whether a browser seems to have sent the request over plain http, where it keeps no Secure cookie.
 * Browsers name the site of a request (Sec-Fetch-Site) only where they trust the connection, which is
 * also how they decide on the cookie: https, and in most of them http to the machine itself.
 *
 * @param header Of the request.
 * @param cookieName Of the Secure cookie: who brings one has kept it, and sends it over https alone.
 * @see https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
 */
export function seemsPlainHttp(header: Transport['header'], cookieName: string): boolean {
  const isBrowser = header('user-agent')?.startsWith('Mozilla/') === true
  if (!isBrowser || header('sec-fetch-site')) return false
  if (findCookie(header('cookie'), cookieName).kind !== 'none') return false
  // Browsers of before 2023 name no site, but the page's own origin with every POST.
  return header('origin')?.startsWith('https:') !== true
}

/** The Cookie header that answers these Set-Cookie headers. */
export function pairs(cookies: readonly string[]): string | undefined {
  if (cookies.length === 0) return undefined
  return cookies.map((cookie) => cookie.split(';', 1)[0] ?? '').join('; ')
}

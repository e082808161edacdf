/** The Cookie header that answers these Set-Cookie headers: of a name, the last counts. */
export function pairs(cookies: readonly string[]): string | undefined {
  if (cookies.length === 0) return undefined
  const byName = new Map<string, string>()
  for (const cookie of cookies) {
    const [pair = ''] = cookie.split(';', 1)
    byName.set(pair.slice(0, pair.indexOf('=')), pair)
  }
  return [...byName.values()].join('; ')
}

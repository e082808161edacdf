import { parseCookie } from 'cookie'
import { unsign } from 'cookie-signature'

/** The id in an old cookie that one of the secrets has signed. Anything else is no old session. */
export function readOldCookie(
  header: string | undefined,
  { name, secrets }: { readonly name: string; readonly secrets: readonly string[] },
): string | undefined {
  const value = parseCookie(header ?? '')[name]
  if (!value?.startsWith('s:')) return undefined
  const ids = secrets.map((secret) => unsign(value.slice(2), secret))
  return ids.find((id) => id !== false)
}

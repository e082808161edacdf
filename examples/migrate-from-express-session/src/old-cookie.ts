import { createHash } from 'node:crypto'
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

/** What the session made from an old one is a member of. By a digest: the id is what signs in. */
export function tagOf(id: string): string {
  return `old:${createHash('sha256').update(id).digest('base64url')}`
}

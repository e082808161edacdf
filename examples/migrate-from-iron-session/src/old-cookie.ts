import { createHash } from 'node:crypto'
import { parseCookie } from 'cookie'
import { unsealData } from 'iron-session'

export interface OldCookie {
  readonly content: Readonly<Record<string, unknown>>
  /** Names this cookie, however it is spelled. */
  readonly digest: string
  /** When it expires; undefined: never, as with a `ttl` of 0. */
  readonly expiresAt: Date | undefined
}

export interface OldCookieOptions {
  readonly name: string
  /** As iron-session has it: one, or several by their number. */
  readonly password: string | Record<string, string>
}

/** The old cookie of a request, if it was sealed by the old app and has not expired. */
export async function readOldCookie(
  header: string | undefined,
  { name, password }: OldCookieOptions,
): Promise<OldCookie | undefined> {
  const value = parseCookie(header ?? '')[name]
  if (value === undefined || value === '') return undefined
  let isBad = false
  // A seal that is bad unseals to {}, as does an empty session; only this hook tells.
  const onUnsealError = (): void => {
    isBad = true
  }
  const content: unknown = await unsealData(value, { password, onUnsealError })
  if (isBad) return undefined
  // Prefix, password id, salt, iv, ciphertext and expiry are what is authenticated. What follows, such
  // as the version, could be spelled otherwise, and would make the same cookie a new one.
  const sealed = value.split('*').slice(0, 6)
  const expiry = sealed[5] ?? ''
  const expiresAt = expiry === '' ? undefined : new Date(Number(expiry))
  // iron-session grants a minute more.
  if (expiresAt !== undefined && !(expiresAt > new Date())) return undefined
  const digest = createHash('sha256').update(sealed.join('*')).digest('base64url')
  return { content: Object(content) as Record<string, unknown>, digest, expiresAt }
}

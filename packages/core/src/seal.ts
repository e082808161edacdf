import { sealData, unsealData } from 'iron-session'
import { hashSecret } from './bytes.ts'
import type { RejectReason } from './events.ts'
import { createFairCache, userAmong } from './fair-cache.ts'

/** What the cookie carries under seal. */
export interface CookiePayload {
  readonly id: string
  readonly secret: string
  /**
   * Another secret that the record may have: the one from before a rotation of which nobody knows
   * whether it has happened. Absent in any other cookie.
   */
  readonly formerSecret?: string
  /** Names of the session's groups, so that one read fetches their epochs with the record. */
  readonly groups: readonly string[]
}

/** An authentic cookie. Its secret is kept only as the hash to compare. */
export interface OpenedCookie {
  readonly id: string
  readonly secretHash: string
  readonly formerHash?: string
  readonly groups: readonly string[]
  /** Sealed by a secret that is not the newest. */
  readonly isOutdated: boolean
}

type Opening =
  | { readonly kind: 'opened'; readonly cookie: OpenedCookie }
  | { readonly kind: 'rejected'; readonly reason: RejectReason }

export interface Sealer {
  /** Seals under the newest secret, for `ttl` seconds. */
  seal(payload: CookiePayload, ttl: number): Promise<string>
  /** What opening it has shown before, if it is remembered. */
  known(value: string): OpenedCookie | undefined
  /** Opens a cookie with any of the secrets. Never rejects. */
  open(value: string): Promise<Opening>
  /** The secrets in a cookie that opens, for the one case in which one has to be sealed again. */
  secretsOf(value: string): Promise<string[]>
}

/** Unsealing costs 0.1 to 0.3 ms, so what has been opened is remembered; about 1 kB each. */
const REMEMBERED = 10_000

const LONGEST = 4096

// The one form that we write. Neither the suffix nor the base64 of the MAC is authenticated, so any
// other spelling of the same bytes is refused: base64url of 32 bytes ends in one of 16 characters.
const CANONICAL =
  /^Fe26\.2\*([1-9]\d{0,3})\*[0-9a-f]{64}\*[\w-]{22}\*[\w-]+\*\d{13,16}\*[0-9a-f]{64}\*[\w-]{42}[AEIMQUYcgkosw048]~2$/

// Always sealed under this key id: ids by position would change when the oldest secret is dropped.
const KEY_ID = 1

export function createSealer(secrets: readonly [string, ...string[]]): Sealer {
  const opened = createFairCache<OpenedCookie>(REMEMBERED, ({ groups }) => userAmong(groups))

  async function seal(payload: CookiePayload, ttl: number): Promise<string> {
    const value = await sealData(payload, { password: { [KEY_ID]: secrets[0] }, ttl })
    opened.set(value, await toOpened(payload, false))
    return value
  }

  async function open(value: string): Promise<Opening> {
    const keyId = value.length <= LONGEST ? CANONICAL.exec(value)?.[1] : undefined
    if (keyId === undefined) return { kind: 'rejected', reason: 'malformed' }
    const result = await unseal(value, Number(keyId), secrets)
    if (result.kind === 'rejected') return result
    const cookie = await toOpened(result.payload, result.sealedBy !== secrets[0])
    opened.set(value, cookie)
    return { kind: 'opened', cookie }
  }

  async function secretsOf(value: string): Promise<string[]> {
    const keyId = Number(CANONICAL.exec(value)?.[1] ?? KEY_ID)
    const result = await unseal(value, keyId, secrets)
    if (result.kind === 'rejected') return []
    const { secret, formerSecret } = result.payload
    return formerSecret === undefined ? [secret] : [secret, formerSecret]
  }

  return { seal, known: (value) => opened.get(value), open, secretsOf }
}

type Unsealed =
  | { readonly kind: 'unsealed'; readonly payload: CookiePayload; readonly sealedBy: string }
  | { readonly kind: 'rejected'; readonly reason: RejectReason }

async function unseal(value: string, keyId: number, secrets: readonly string[]): Promise<Unsealed> {
  for (const secret of secrets) {
    let failure: string | undefined
    const payload: unknown = await unsealData(value, {
      password: { [keyId]: secret },
      onUnsealError: (reason) => {
        failure = reason
      },
    })
    if (failure === 'expired') return { kind: 'rejected', reason: 'expired' }
    if (failure === undefined) {
      if (!isPayload(payload)) return { kind: 'rejected', reason: 'malformed' }
      return { kind: 'unsealed', payload, sealedBy: secret }
    }
  }
  return { kind: 'rejected', reason: keyId === KEY_ID ? 'forged' : 'unknown-secret' }
}

async function toOpened(payload: CookiePayload, isOutdated: boolean): Promise<OpenedCookie> {
  const { id, secret, formerSecret, groups } = payload
  const former = formerSecret === undefined ? {} : { formerHash: await hashSecret(formerSecret) }
  return { id, secretHash: await hashSecret(secret), ...former, groups, isOutdated }
}

const ID = /^[\w-]{22}$/
const SECRET = /^[\w-]{43}$/

const isSecret = (value: unknown): boolean => typeof value === 'string' && SECRET.test(value)

function isPayload(payload: unknown): payload is CookiePayload {
  const { id, secret, formerSecret, groups } = payload as Record<keyof CookiePayload, unknown>
  return (
    typeof id === 'string' &&
    ID.test(id) &&
    isSecret(secret) &&
    (formerSecret === undefined || isSecret(formerSecret)) &&
    Array.isArray(groups) &&
    groups.every((group) => typeof group === 'string')
  )
}

import type { SessionError } from '@adjourn/core'
import type { AccessTokens, VerifiedToken } from './access-tokens.ts'

/** How a request without a good token is answered: a status and headers, no body. */
interface Refusal {
  readonly status: 400 | 401
  readonly headers: Readonly<Record<string, string>>
}

export type BearerResult =
  | { readonly token: VerifiedToken; readonly refusal?: never }
  | { readonly refusal: Refusal; readonly token?: never }

/**
 * Who a request's `Authorization` header stands for, and else how to answer. Only that header is
 * looked at: a token in a URL ends up in logs.
 *
 * @param header All fields of that name, joined by commas as `Headers` does; a second one is refused.
 * @throws SessionError `ERR_STORE_UNAVAILABLE`
 * @see RFC 6750, 2.1 and 3
 */
export async function readBearer(
  tokens: Pick<AccessTokens, 'verify'>,
  header: string | null | undefined,
): Promise<BearerResult> {
  // Other schemes are none of our business: to us, no credentials have come.
  if (!/(?:^|,)\s*bearer(?![\w-])/i.test(header ?? '')) return refuse(401)
  const credentials = /^bearer +([\w.~+/-]+=*)$/i.exec(header ?? '')?.[1]
  if (credentials === undefined) return refuse(400, 'invalid_request')
  try {
    return { token: await tokens.verify(credentials) }
  } catch (error) {
    if (codeOf(error) === 'ERR_TOKEN_INVALID') return refuse(401, 'invalid_token')
    throw error
  }
}

const codeOf = (error: unknown): unknown =>
  (error as Partial<SessionError> | null | undefined)?.code

function refuse(status: Refusal['status'], error?: string): BearerResult {
  // A challenge has at least one parameter (RFC 6750, 3), also where nothing is wrong yet.
  const realm = 'Bearer realm="api"'
  const challenge = error === undefined ? realm : `${realm}, error="${error}"`
  return {
    refusal: { status, headers: { 'www-authenticate': challenge, 'cache-control': 'no-store' } },
  }
}

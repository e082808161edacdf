import { applyHeaders } from './apply-headers.ts'
import type { QueuedHeaders } from './transport.ts'

/**
 * A response with the queued headers on it. Always a copy: a response may be immutable
 * (`Response.redirect()`, a fetched one), or one object that answers many requests. One that cannot be
 * sent (`Response.error()`, a body that somebody has read) becomes a bare 500 with no headers but these
 * and its cookies; one with status 101 takes none.
 *
 * @param response What the handler answers.
 * @param queued What the transport was given last.
 */
export function withQueued(response: Response, queued: QueuedHeaders): Response {
  const { body, bodyUsed, status, statusText } = response
  if (status === 101) return response
  const isNone = status < 200 || bodyUsed || body?.locked === true
  const headers = isNone ? cookiesOf(response) : new Headers(response.headers)
  applyHeaders(queued, headers)
  return isNone
    ? new Response(null, { status: 500, headers })
    : new Response(body, { status, statusText, headers })
}

/** What is said of the body, such as its length and how long to keep it, is not true of another. */
function cookiesOf({ headers }: Response): Headers {
  return new Headers(headers.getSetCookie().map((value) => ['set-cookie', value]))
}

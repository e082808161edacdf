import { SessionError } from '@adjourn/core'
import { readBody } from './read-body.ts'
import { Refusal } from './signed-token.ts'

/** Tokens about sessions are one or two kilobytes. */
const MOST_BYTES = 64 * 1024

/**
 * @throws SessionError `ERR_CONFIG` if somebody has read the body before.
 */
function assertUnread(request: Request): void {
  if (!request.bodyUsed) return
  throw new SessionError(
    'ERR_CONFIG',
    'The body of the request was read before: mount this endpoint ahead of body parsers.',
  )
}

/**
 * The body of a POST of some type.
 *
 * @throws Refusal for any other request.
 */
export async function readPost(request: Request, type: string): Promise<string> {
  if (request.method !== 'POST') throw new Refusal('The request must be a POST')
  const [given = ''] = (request.headers.get('content-type') ?? '').split(';')
  if (given.trim().toLowerCase() !== type) throw new Refusal(`The request must be ${type}`)
  const body = await readBody(request.body, MOST_BYTES).catch(() => {
    throw new Refusal('The request broke off')
  })
  if (body === undefined) throw new Refusal('The request is too large')
  return body
}

type Listener = ((error: unknown) => unknown) | undefined

/** What an endpoint that providers call does with a request, and how it answers. */
export interface Endpoint {
  receive(request: Request): Promise<void>
  /** Of an answer to what was received. */
  readonly status: number
  failed(error: unknown): Response
  readonly onError: Listener
}

export function createEndpoint(endpoint: Endpoint): (request: Request) => Promise<Response> {
  return async (request) => {
    assertUnread(request)
    try {
      await endpoint.receive(request)
      const headers = { 'cache-control': 'no-store' }
      return new Response(null, { status: endpoint.status, headers })
    } catch (error) {
      tell(endpoint.onError, error)
      return endpoint.failed(error)
    }
  }
}

/** Tells the app, whose mistake is not to change the answer. */
export function tell(listener: Listener, error: unknown): void {
  try {
    const returned = listener?.(error)
    if (returned instanceof Promise) returned.catch(() => {})
  } catch {
    // Theirs.
  }
}

/** Whether an error is of the app's own making, or of values that no session can have. */
export function isConfigError(error: unknown): error is SessionError {
  return error instanceof Error && (error as Partial<SessionError>).code === 'ERR_CONFIG'
}

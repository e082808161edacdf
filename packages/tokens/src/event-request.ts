import { SessionError } from '@adjourn/core'
import { readBody } from './read-body.ts'
import { Refusal } from './signed-token.ts'

/** Tokens about sessions are one or two kilobytes. */
const MOST_BYTES = 64 * 1024

/**
 * @throws SessionError `ERR_CONFIG` if somebody has read the body before.
 */
export function assertUnread(request: Request): void {
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

/** Tells the app, whose mistake is not to change the answer. */
export function tell(listener: ((error: unknown) => unknown) | undefined, error: unknown): void {
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

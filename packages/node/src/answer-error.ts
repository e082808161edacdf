import { STATUS_CODES, type ServerResponse } from 'node:http'
import { isSessionError } from '@adjourn/core/binding'

/**
 * Answers a request that has failed. Never rejects.
 *
 * @param error What failed.
 * @param response Its guard puts the session's cookie on what is answered here, too.
 * @param onError The app's own answer. Default: a plain one.
 */
export async function answerError(
  error: unknown,
  response: ServerResponse,
  onError: (() => unknown) | undefined,
): Promise<void> {
  if (onError === undefined || response.headersSent) {
    answerPlainly(response, isSessionError(error) ? error.status : 500)
  }
  try {
    if (!response.headersSent) clear(response)
    await onError?.()
  } catch {
    answerPlainly(response, 500)
  }
}

function answerPlainly(response: ServerResponse, status: number): void {
  try {
    if (response.headersSent) cut(response)
    else send(response, status)
  } catch {
    // Somebody has wrapped the response, and fails.
    abort(response)
  }
}

function send(response: ServerResponse, status: number): void {
  clear(response)
  response.statusCode = status
  response.setHeader('content-type', 'text/plain; charset=utf-8')
  response.end(STATUS_CODES[status])
}

/** What was said of a body that will not come, such as its length, must not be said of another. */
function clear(response: ServerResponse): void {
  for (const name of response.getHeaderNames()) response.removeHeader(name)
  response.statusMessage = ''
}

/** Half a body must not look whole. */
function cut(response: ServerResponse): void {
  if (!response.writableEnded) abort(response)
}

/** A stream of HTTP/2 that is destroyed without an error ends like one that is whole. */
function abort(response: ServerResponse): void {
  if ('stream' in response) response.destroy(new Error('The answer has failed'))
  else response.destroy()
}

import { STATUS_CODES, type ServerResponse } from 'node:http'
import { isSessionError, showError } from '@adjourn/core/binding'

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
  const status = isSessionError(error) ? error.status : 500
  if (onError === undefined || response.headersSent) return answerPlainly(error, response, status)
  try {
    clear(response)
    await onError()
  } catch (failure) {
    answerPlainly(failure, response, 500)
  }
}

function answerPlainly(error: unknown, response: ServerResponse, status: number): void {
  if (response.headersSent || status >= 500) showError(error)
  try {
    if (response.headersSent) cut(response)
    else send(response, status)
  } catch (failure) {
    // Somebody has wrapped the response, and fails.
    showError(failure)
    response.destroy()
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
  if (!response.writableEnded) response.destroy()
}

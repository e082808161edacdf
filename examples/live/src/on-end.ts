import type { Session } from '@adjourn/core'

/**
 * Calls back once the session is over, at once if it is already.
 *
 * @returns To be called when the connection closes first: all requests of a session share one signal.
 */
export function onEnd({ signal }: Pick<Session, 'signal'>, close: () => void): () => void {
  if (signal.aborted) close()
  signal.addEventListener('abort', close, { once: true })
  return () => signal.removeEventListener('abort', close)
}

import type { SessionStore, Touch } from './store.ts'
import type { Transport } from './transport.ts'

export interface TouchQueue {
  /**
   * False: it is not sent.
   *
   * @param waitUntil What keeps the request's work alive, where the runtime has that.
   */
  add(touch: Touch, waitUntil?: Transport['waitUntil']): boolean
  /** Takes no more, and resolves when nothing is left to send. */
  close(): Promise<void>
}

/** During an outage the queue stays this small; a touch that is lost comes again. */
const MOST_WAITING = 10_000

/** In milliseconds. Stores give up earlier; a runtime may drop a request's work without a word. */
const LONGEST = 10_000

/**
 * Sends touches in bulk, one batch at a time: what arrives while one is in flight forms the next.
 * No request waits for it and none fails by it.
 */
export function createTouchQueue(store: SessionStore, now: () => Date): TouchQueue {
  let waiting = new Map<string, Touch>()
  /** Since when a batch has been under way, by `performance.now()`. */
  let sending: { since: number } | undefined
  let sent: Promise<void> | undefined
  let closed = false

  async function send(batch: readonly Touch[]): Promise<void> {
    try {
      await store.touch(batch, now())
    } catch {
      // The next request of each session finds it due again.
    }
  }

  async function sendAll(own: { since: number }): Promise<void> {
    // Requests that arrive in this turn share the batch.
    await Promise.resolve()
    // Another takes over where this one seems to be lost.
    const isCurrent = (): boolean => sending === own
    while (waiting.size > 0 && isCurrent()) {
      const batch = [...waiting.values()]
      waiting = new Map()
      own.since = performance.now()
      await send(batch)
    }
    if (isCurrent()) sending = undefined
  }

  return {
    add(touch, waitUntil) {
      if (closed || waiting.size >= MOST_WAITING) return false
      if (waitUntil !== undefined) {
        // By itself: where requests' work ends with them, none may depend on another's.
        keepAlive(send([touch]), waitUntil)
        return true
      }
      waiting.set(touch.id, touch)
      if (sending === undefined || performance.now() - sending.since > LONGEST) {
        sending = { since: performance.now() }
        sent = sendAll(sending)
      }
      return true
    },
    async close() {
      closed = true
      await sent
    },
  }
}

/** It is the app's, or the runtime's, and may have nothing to wait with: no request fails by a touch. */
function keepAlive(work: Promise<void>, waitUntil: NonNullable<Transport['waitUntil']>): void {
  try {
    waitUntil(work)
  } catch {
    // The work goes on for as long as the runtime lets it.
  }
}

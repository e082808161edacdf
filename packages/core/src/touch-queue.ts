import type { SessionStore, Touch } from './store.ts'

export interface TouchQueue {
  /** False: it is not sent. */
  add(touch: Touch): boolean
  /** Takes no more, and resolves when nothing is left to send. */
  close(): Promise<void>
}

/** During an outage the queue stays this small; a touch that is lost comes again. */
const MOST_WAITING = 10_000

/**
 * Sends touches in bulk, one batch at a time: what arrives while one is in flight forms the next.
 * No request waits for it and none fails by it.
 */
export function createTouchQueue(store: SessionStore, now: () => Date): TouchQueue {
  let waiting = new Map<string, Touch>()
  let sending: Promise<void> | undefined
  let closed = false

  async function send(): Promise<void> {
    // Requests that arrive in this turn share the batch.
    await Promise.resolve()
    while (waiting.size > 0) {
      const batch = [...waiting.values()]
      waiting = new Map()
      try {
        await store.touch(batch, now())
      } catch {
        // The next request of each session finds it due again.
      }
    }
    sending = undefined
  }

  return {
    add(touch) {
      if (closed || waiting.size >= MOST_WAITING) return false
      waiting.set(touch.id, touch)
      sending ??= send()
      return true
    },
    async close() {
      closed = true
      await sending
    },
  }
}

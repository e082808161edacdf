import type { SessionEvent } from '@adjourn/core'
import { createChanges, type Changes } from './changes.ts'

const KEPT = 20

/** What happened to sessions since the demo started. A real app keeps it in a log. */
export interface Audit {
  /** The last ones, newest first. */
  readonly events: readonly SessionEvent[]
  readonly changes: Changes
  record(event: SessionEvent): void
}

export function createAudit(): Audit {
  let events: readonly SessionEvent[] = []
  const changes = createChanges()
  return {
    get events() {
      return events
    },
    changes,
    record(event) {
      events = [event, ...events].slice(0, KEPT)
      changes.tell()
    },
  }
}

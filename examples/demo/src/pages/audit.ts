import type { RevokeTarget, SessionEvent } from '@adjourn/core'
import { html } from 'hono/html'
import type { Html } from './layout.ts'
import { ago } from './time.ts'

/** Ids, times and reasons: a log of sessions holds no cookie and no data. */
export function auditTable(events: readonly SessionEvent[], now: Date): Html {
  return html`<table class="stacked" role="table">
    <caption>
      What happened to sessions since the demo started, newest first
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        <th role="columnheader" scope="col">What</th>
        <th role="columnheader" scope="col">Whose</th>
        <th role="columnheader" scope="col">Session</th>
        <th role="columnheader" scope="col">When</th>
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${events.map((event) => row(event, now))}
    </tbody>
  </table>`
}

function row(event: SessionEvent, now: Date): Html {
  const { what, whose = '', session = '' } = describe(event)
  return html`<tr role="row">
    <th role="rowheader" scope="row">${what}</th>
    <td role="cell" data-label="Whose">${whose}</td>
    <td role="cell" data-label="Session"><code>${session.slice(0, 8)}</code></td>
    <td role="cell" data-label="When">${ago(event.at, now)}</td>
  </tr>`
}

interface Described {
  readonly what: string
  readonly whose?: string | undefined
  readonly session?: string | undefined
}

function describe(event: SessionEvent): Described {
  switch (event.type) {
    case 'revoked':
      return { what: `revoked, ${event.count} deleted`, whose: nameOf(event.target) }
    case 'rejected':
      return { what: `cookie rejected: ${event.reason}`, session: event.sessionId }
    case 'ended':
      return { what: `ended: ${event.reason}`, whose: event.userId, session: event.sessionId }
    case 'created':
    case 'rotated':
    case 'reauthenticated':
      return { what: event.type, whose: event.userId, session: event.sessionId }
  }
}

function nameOf(target: RevokeTarget): string {
  if (typeof target === 'string') return target
  if ('userId' in target) return target.userId
  if ('tag' in target) return target.tag
  return 'everyone' in target ? 'everyone' : target.federation.issuer
}

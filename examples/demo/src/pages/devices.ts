import type { SessionInfo } from '@adjourn/core'
import { html } from 'hono/html'
import type { Html } from './layout.ts'
import { ago } from './time.ts'

export interface DeviceList {
  /** Newest first. */
  readonly devices: readonly SessionInfo[]
  /** The id of the session that asks. */
  readonly own: string | undefined
  readonly now: Date
  /** Where to post the id of the one to end. */
  readonly action: string
}

/** Sessions as cards, each with a button to end it but one's own. */
export function deviceList(list: DeviceList): Html {
  if (list.devices.length === 0) return html``
  return html`<ul class="cards">
    ${list.devices.map((device) => card(list, device))}
  </ul>`
}

function card({ own, now, action }: DeviceList, { id, device, ...times }: SessionInfo): Html {
  const label = device?.label ?? 'Unknown device'
  return html`<li class="card device">
    <div>
      <h3 id="device-${id}">
        ${label} ${id === own && html`<span class="badge">This device</span>`}
      </h3>
      <p class="meta">
        Signed in ${ago(times.createdAt, now)}, last seen
        ${ago(times.lastSeenAt, now)}${device?.ip !== undefined && html`, network <span class="ip">${device.ip}</span>`}
      </p>
    </div>
    ${
      id !== own &&
      html`<form method="post" action="${action}">
        <input type="hidden" name="id" value="${id}" />
        <button class="danger" id="end-${id}" aria-describedby="device-${id}">End</button>
      </form>`
    }
  </li>`
}

export function countOf({ length }: readonly SessionInfo[]): string {
  if (length === 0) return 'No device is signed in.'
  return length === 1 ? 'One device is signed in.' : `${length} devices are signed in.`
}

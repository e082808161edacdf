import { html } from 'hono/html'
import type { FieldError } from '../form.ts'
import { countOf, deviceList, type DeviceList } from './devices.ts'
import { inputField } from './field.ts'
import { layout, type Frame, type Html } from './layout.ts'

interface Account {
  readonly list: DeviceList
  /** What was wrong with a new password. */
  readonly error?: FieldError
}

export function accountPage(frame: Frame, { list, error }: Account): Html {
  const content = html`<h1>Your account</h1>
    <section aria-labelledby="devices-title">
      <h2 id="devices-title">Devices</h2>
      <p>
        <span id="devices-count" role="status">${countOf(list.devices)}</span>
        <span class="live" id="live" hidden>Live</span>
      </p>
      <div id="devices" tabindex="-1">${devices(list)}</div>
    </section>
    <section aria-labelledby="password-title">
      <h2 id="password-title">Password</h2>
      <p>
        Changing it ends every other session of yours, on either app, and a sign-in with the old
        password that is under way.
      </p>
      <form class="card" method="post" action="/password">
        <input type="text" name="username" value="${frame.user}" autocomplete="username" hidden />
        ${inputField(
          {
            name: 'current',
            label: 'Current password',
            autocomplete: 'current-password',
            type: 'password',
          },
          error,
        )}
        ${inputField(
          {
            name: 'next',
            label: 'New password',
            autocomplete: 'new-password',
            type: 'password',
            hint: 'At least 8 characters.',
          },
          error,
        )}
        <button>Change the password</button>
      </form>
    </section>`
  return layout(frame, { title: 'Your account', content, live: '/account/events' })
}

function devices(list: DeviceList): Html {
  const isAlone = list.devices.every(({ id }) => id === list.own)
  return html`${deviceList(list)}
  ${
    isAlone ||
    html`<form method="post" action="/sessions/end-others">
      <button class="danger" id="end-others">End all other sessions</button>
    </form>`
  }`
}

/** What may change while the page is open. */
export function accountParts(list: DeviceList): Record<string, Html> {
  return { devices: devices(list), 'devices-count': html`${countOf(list.devices)}` }
}

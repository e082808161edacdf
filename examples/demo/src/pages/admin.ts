import type { SessionEvent } from '@adjourn/core'
import { html } from 'hono/html'
import type { Account } from '../accounts.ts'
import { auditTable } from './audit.ts'
import { countOf, deviceList, type DeviceList } from './devices.ts'
import { layout, type Frame, type Html } from './layout.ts'

interface Found {
  readonly account: Account
  readonly list: DeviceList
}

export interface Admin {
  readonly query: string
  readonly found: readonly Found[]
  /** All tags that there are. */
  readonly tags: readonly string[]
  readonly events: readonly SessionEvent[]
  readonly now: Date
}

export function adminPage(frame: Frame, admin: Admin): Html {
  const { query, found, tags, events, now } = admin
  const content = html`<h1>Everybody’s sessions</h1>
    <p class="lead">Your own session is spared, whatever you end here.</p>
    <section aria-labelledby="users-title">
      <h2 id="users-title">Users</h2>
      <form class="row" method="get" action="/admin" role="search">
        <div class="field">
          <label for="q">Name, or a part of it</label>
          <input
            id="q"
            name="q"
            type="search"
            value="${query}"
            maxlength="200"
            autocomplete="off"
            autocapitalize="none"
            spellcheck="false"
          />
        </div>
        <button>Search</button>
      </form>
      <div id="found" tabindex="-1">${foundUsers(found)}</div>
    </section>
    ${revocations(tags)}
    <section aria-labelledby="audit-title">
      <h2 id="audit-title">Audit</h2>
      <p class="live" id="live" hidden>Live</p>
      <div id="audit" tabindex="-1">${auditTable(events, now)}</div>
    </section>`
  const live = `/admin/events?${new URLSearchParams({ q: query }).toString()}`
  return layout(frame, { title: 'Admin', content, live })
}

/** What may change while the page is open. */
export function adminParts({ found, events, now }: Admin): Record<string, Html> {
  return { found: foundUsers(found), audit: auditTable(events, now) }
}

function foundUsers(found: readonly Found[]): Html {
  if (found.length === 0) return html`<p role="status">Nobody is called that.</p>`
  return html`${found.map(
    ({ account: { user, tags }, list }) =>
      html`<article class="user" aria-labelledby="user-${user}">
        <h3 id="user-${user}">${user}</h3>
        <p>
          ${countOf(list.devices)} ${tags.map((tag) => html`<span class="badge">${tag}</span> `)}
        </p>
        ${deviceList(list)} ${endAll(user, list)}
      </article>`,
  )}`
}

/** Not where there is nothing to end: one's own session is spared. */
function endAll(user: string, { devices, own }: DeviceList): Html {
  const others = devices.filter(({ id }) => id !== own)
  if (others.length === 0) return html``
  const which = others.length === devices.length ? 'all sessions' : 'all other sessions'
  return html`<form method="post" action="/admin/revoke">
    <input type="hidden" name="user" value="${user}" />
    <button class="danger" id="revoke-${user}">End ${which} of ${user}</button>
  </form>`
}

function revocations(tags: readonly string[]): Html {
  return html`<section aria-labelledby="revoke-title">
    <h2 id="revoke-title">Many at once</h2>
    <p>
      Each of these is one write, however many sessions there are. A sign-in that is under way does
      not escape it.
    </p>
    <form class="row" method="post" action="/admin/revoke">
      <div class="field">
        <label for="tag">Tag</label>
        <select id="tag" name="tag">
          ${tags.map((tag) => html`<option>${tag}</option>`)}
        </select>
      </div>
      <button class="danger">End all sessions with this tag</button>
    </form>
    <form class="row" method="post" action="/admin/revoke">
      <p class="check">
        <input id="everyone" name="everyone" type="checkbox" value="yes" required />
        <label for="everyone">Yes, everyone but me</label>
      </p>
      <button class="danger">End the sessions of everyone</button>
    </form>
  </section>`
}

import { html } from 'hono/html'
import type { ExperimentState } from '../experiment-state.ts'
import { SLOW_MS, TRIES, type LogoutOutcome } from '../measure.ts'
import { failure, recordLeft, undone, verdictOf, yesNo, type Row } from '../report.ts'
import { layout, type Frame, type Html } from './layout.ts'

export function whyPage(frame: Frame, state: ExperimentState): Html {
  const content = html`<h1>Why not <code>req.session = null</code>?</h1>
    <p class="lead">
      Because it does not log out. The record stays in the database, the cookie stays in the
      browser, and whoever has a copy of the cookie stays signed in.
    </p>
    ${EXPLANATION}
    <form method="post" action="/why">
      <button>Run all seven</button>
    </form>
    <p id="why-status" class="status" role="status">${statusOf(state)}</p>
    <div id="why-results" tabindex="-1">${results(state)}</div>`
  const reload = state.kind === 'running' ? { reload: 2 } : {}
  return layout(frame, {
    title: 'Why not req.session = null?',
    content,
    live: '/why/events',
    ...reload,
  })
}

/** What changes while the experiment runs. */
export function whyParts(state: ExperimentState): Record<string, Html> {
  return { 'why-status': html`${statusOf(state)}`, 'why-results': results(state) }
}

const EXPLANATION = html`<p>
    There are five well-known answers to “How do I end a session in Express?”. The button below
    tries each of them on a real express-session with connect-mongo and a real MongoDB, then
    <code>await session.end()</code> of Adjourn on Express and on Hono. For each of the seven it:
  </p>
  <ol>
    <li>signs in, keeps a copy of the cookie, and logs out;</li>
    <li>looks for the session’s record in MongoDB;</li>
    <li>looks whether the answer told the browser to delete the cookie;</li>
    <li>sends the copy of the cookie again: is it still signed in?</li>
    <li>
      logs out ${TRIES} times during a request that takes ${SLOW_MS} ms and then saves its session,
      and counts how often that brings the session back.
    </li>
  </ol>`

function statusOf(state: ExperimentState): string {
  switch (state.kind) {
    case 'idle':
      return 'Not run yet. The first run starts a MongoDB, and may have to fetch one.'
    case 'running':
      return `Running: ${state.step}`
    case 'done':
      return `Done in ${state.seconds.toFixed(1)} seconds.`
    case 'failed':
      return 'It could not run.'
  }
}

function results(state: ExperimentState): Html {
  if (state.kind === 'failed') return html`<pre class="card">${state.reason}</pre>`
  if (state.kind === 'idle' || state.rows.length === 0) return html``
  return html`<table class="stacked outcomes" role="table">
    <caption>
      A real logout leaves no record, deletes the cookie, and is never undone
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        ${['In the logout handler', 'A real logout?', ...COLUMNS.map(({ label }) => label)].map(
          (label) => html`<th role="columnheader" scope="col">${label}</th>`,
        )}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${state.rows.map(resultRow)}
    </tbody>
  </table>`
}

const COLUMNS: readonly {
  readonly label: string
  readonly show: (outcome: LogoutOutcome) => string
}[] = [
  { label: 'Record left in MongoDB', show: recordLeft },
  {
    label: 'Deletion cookie sent',
    show: (outcome) => `${yesNo(outcome.deletionCookie)}${failure(outcome.status)}`,
  },
  { label: 'Same cookie sent again: signed in', show: ({ cookieWorks }) => yesNo(cookieWorks) },
  { label: 'Brought back by a slow request', show: undone },
]

const VERDICTS = { real: '✓ yes', unproven: 'not proven', none: '✗ no' } as const

function resultRow({ label, outcome }: Row<LogoutOutcome>): Html {
  const verdict = verdictOf(outcome)
  return html`<tr role="row">
    <th role="rowheader" scope="row"><code>${label}</code></th>
    <td role="cell" data-label="A real logout?">
      <strong class="${verdict}">${VERDICTS[verdict]}</strong>
    </td>
    ${COLUMNS.map((column) => html`<td role="cell" data-label="${column.label}">${column.show(outcome)}</td>`)}
  </tr>`
}

import { html } from 'hono/html'
import type { Html } from './layout.ts'

const FORMAT = new Intl.RelativeTimeFormat('en', { numeric: 'always' })
const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const

/** How long ago, which needs no time zone. */
export function ago(then: Date, now: Date): Html {
  return html`<time datetime="${then.toISOString()}">${words(then, now)}</time>`
}

function words(then: Date, now: Date): string {
  const seconds = (now.getTime() - then.getTime()) / 1000
  const unit = UNITS.find(([, length]) => seconds >= length)
  return unit === undefined ? 'just now' : FORMAT.format(-Math.floor(seconds / unit[1]), unit[0])
}

import { SessionError } from '@adjourn/core'
import type { Changes } from './changes.ts'

/** A server-sent event. */
export interface ServerEvent {
  readonly event: 'update' | 'ended'
  readonly data: string
}

/** New content of parts of a page, by the id of the element. */
export type Parts = Readonly<Record<string, string>>

export interface Live {
  /** The session's: whoever is signed out is told so, and nothing else any more. */
  readonly signal?: AbortSignal
  readonly changes: Changes
  readonly render: () => Promise<Parts>
}

/** What a page is told until its session ends, or `gone` says that its connection has closed. */
export async function* liveEvents(
  { signal: ended, changes, render }: Live,
  gone: AbortSignal,
): AsyncGenerator<ServerEvent, void> {
  const over = ended === undefined ? gone : AbortSignal.any([gone, ended])
  let shown = ''
  while (!over.aborted) {
    const seen = changes.count
    const parts = await unlessUnavailable(render)
    // The browser asks again by itself.
    if (parts === undefined) return
    const data = JSON.stringify(parts)
    if (data !== shown && !isAborted(over)) yield { event: 'update', data }
    shown = data
    await changes.wait(seen, over)
  }
  if (!gone.aborted) yield { event: 'ended', data: 'signed out' }
}

// A getter that changes while somebody waits; the compiler takes it for a constant.
const isAborted = (signal: AbortSignal): boolean => signal.aborted

async function unlessUnavailable(render: () => Promise<Parts>): Promise<Parts | undefined> {
  try {
    return await render()
  } catch (error) {
    if (error instanceof SessionError) return undefined
    throw error
  }
}

/** As it goes over the wire; JSON has no line breaks. */
export const toText = ({ event, data }: ServerEvent): string => `event: ${event}\ndata: ${data}\n\n`

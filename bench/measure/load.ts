import { setImmediate as turn } from 'node:timers/promises'
import type { Call, Send, Subject } from './subject.ts'

export interface Load {
  readonly connections: number
  /** What the connections walk, each from a place of its own. */
  readonly calls: readonly Call[]
  /** How long to go on, in milliseconds. Whoever is under way then is awaited. */
  readonly time: number
  /** How many requests at most. Default: 10 million. */
  readonly count?: number
  /** One walk for all connections, which goes on where the last run has left it. */
  readonly cursor?: Cursor
  /** Whether to note each request's time. */
  readonly times?: boolean
}

export interface Cursor {
  next: number
}

export interface Measured {
  readonly requests: number
  /** Milliseconds. */
  readonly elapsed: number
  readonly perSecond: number
  /** Milliseconds of each request, if they were to be noted. */
  readonly times: readonly number[]
}

/** Requests of one run, at most. */
const MOST = 10_000_000

/** Milliseconds after which a connection lets the event loop turn. */
const TURN = 2

/** N connections, each sends its next request when the last is answered. */
export async function run(subject: Subject, load: Load): Promise<Measured> {
  const { connections, calls, time, count = MOST, cursor } = load
  const senders = Array.from({ length: connections }, () => subject.client.connect())
  const times: number[] = []
  const noted = load.times === true ? times : undefined
  const start = performance.now()
  const until = start + time
  let requests = 0
  const walk = async (send: Send, from: number): Promise<void> => {
    let turned = start
    for (let at = from; requests < count; at++) {
      const began = performance.now()
      if (began >= until) return
      // A socket's requests come from the event loop; timers and change streams live by it, also
      // where an app answers without ever waiting.
      if (began - turned > TURN) {
        await turn()
        turned = performance.now()
      }
      const call = calls[(cursor === undefined ? at : cursor.next++) % calls.length] as Call
      requests++
      const { status } = await send(call)
      if (status !== 200) throw unexpected(subject, `${status} from ${call.path}`)
      noted?.push(performance.now() - began)
    }
  }
  const apart = calls.length / connections
  await Promise.all(senders.map((send, index) => walk(send, Math.floor(index * apart))))
  const elapsed = performance.now() - start
  return { requests, elapsed, perSecond: (requests / elapsed) * 1000, times }
}

export function unexpected({ name, framework }: Subject, what: string): Error {
  return new Error(`${name} on ${framework} answered wrongly: ${what}`)
}

/** That `/me` names the user of the cookie, or nobody: what is fast must be right. */
export async function assertSays(
  subject: Subject,
  cookie: string | undefined,
  user: string | undefined,
): Promise<void> {
  const call = { path: '/me', ...(cookie !== undefined && { cookie }) }
  const { status, body } = await subject.client.connect()(call, true)
  if (status === 200 && body === subject.says(user)) return
  throw unexpected(subject, `${status} ${JSON.stringify(body)} to ${user ?? 'nobody'}`)
}

import type {
  IncomingMessage,
  OutgoingHttpHeader,
  OutgoingHttpHeaders,
  ServerResponse,
} from 'node:http'
import { applyHeaders, type HeaderTarget } from '@adjourn/core/binding'
import type { QueuedHeaders, Transport } from '@adjourn/core/binding'

export interface ResponseTransport extends Transport {
  /** To be told when the headers leave. */
  whenLeaving(listener: () => void): void
}

/**
 * The transport of one request. What is queued goes on the response when its headers leave, after
 * whatever the handler and other middleware did to them.
 */
export function createTransport(
  request: IncomingMessage,
  response: ServerResponse,
): ResponseTransport {
  let queued: QueuedHeaders | undefined
  let leaving: (() => void) | undefined
  guardHeaders(response, () => {
    leaving?.()
    return queued
  })
  return {
    // Its own alone: a request without a cookie has none, whatever is on Object.prototype.
    header: (name) => (Object.hasOwn(request.headers, name) ? request.headers[name] : undefined),
    headersSent: () => response.headersSent,
    queue(headers) {
      queued = headers
    },
    whenLeaving(listener) {
      leaving = listener
    },
  }
}

type WriteHead = (status: number, ...rest: unknown[]) => ServerResponse

/**
 * Every way of answering (`end`, `write`, `flushHeaders`, a pipe) goes through `writeHead`. Wrapped
 * before the handlers run, so that whoever wraps it later, as `on-headers` does, comes before us.
 */
function guardHeaders(response: ServerResponse, queued: () => QueuedHeaders | undefined): void {
  const writeHead = response.writeHead.bind(response) as WriteHead
  const guarded: WriteHead = (status, ...rest) => {
    const ours = queued()
    if (ours === undefined) return writeHead(status, ...rest)
    const [first, second] = rest
    const reason = typeof first === 'string' ? [first] : []
    const given = second ?? (typeof first === 'string' ? undefined : first)
    // Headers given here replace those set before, as they do in Node; ours come last.
    for (const [name, value] of grouped(given)) response.setHeader(name, value)
    applyHeaders(ours, asTarget(response))
    return writeHead(status, ...reason)
  }
  response.writeHead = guarded
}

/** The forms that `writeHead` takes headers in: an object, a flat list, or a list of pairs. */
function grouped(given: unknown): Map<string, OutgoingHttpHeader> {
  const headers = new Map<string, OutgoingHttpHeader>()
  for (const [name, value] of pairs(given)) {
    const key = String(name).toLowerCase()
    const before = headers.get(key)
    headers.set(key, before === undefined ? value : [before, value].flat().map(String))
  }
  return headers
}

function pairs(given: unknown): readonly (readonly [unknown, OutgoingHttpHeader])[] {
  if (!Array.isArray(given)) return Object.entries((given ?? {}) as OutgoingHttpHeaders) as []
  const list = given as OutgoingHttpHeader[]
  if (Array.isArray(list[0])) return given as []
  return list.flatMap((name, at) =>
    at % 2 === 0 ? [[name, list[at + 1] as OutgoingHttpHeader]] : [],
  )
}

function asTarget(response: ServerResponse): HeaderTarget {
  return {
    has: (name) => response.hasHeader(name),
    set: (name, value) => response.setHeader(name, value),
    getSetCookie: () => [response.getHeader('set-cookie') ?? []].flat().map(String),
    append: (name, value) => response.appendHeader(name, value),
    delete: (name) => response.removeHeader(name),
  }
}

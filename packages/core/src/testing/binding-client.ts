import { request, type IncomingMessage } from 'node:http'
import type { RunningApp } from './binding-port.ts'

export interface RequestOptions {
  readonly method?: 'GET' | 'HEAD'
  /** The Cookie header's value, Latin-1; of several, one header each. */
  readonly cookie?: string | readonly string[] | undefined
  /** Sec-Fetch-Mode. */
  readonly mode?: string | undefined
  readonly signal?: AbortSignal
}

/** An answer whose headers are here. */
export interface Opened {
  readonly status: number
  readonly statusText: string
  /** As they came: names in any case, one entry for each header. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** The whole body; rejects if the connection breaks before its end. */
  readonly text: () => Promise<string>
}

/** Sends what `fetch` and browsers would not, and shows what came as it came. */
export async function openAnswer(
  at: RunningApp['at'],
  path: string,
  options: RequestOptions,
): Promise<Opened> {
  const headers = headersOf(options)
  const { method = 'GET', signal } = options
  if (typeof at === 'string') {
    return overSocket(new URL(path, at), { headers, method, ...(signal && { signal }) })
  }
  const asked = new Request(new URL(path, 'http://127.0.0.1'), { headers, method })
  const answer = Promise.resolve(at(asked))
  const response = await (signal ? Promise.race([answer, gone(signal)]) : answer)
  return {
    status: response.status,
    statusText: response.statusText,
    headers: [...response.headers],
    text: () => response.text(),
  }
}

function headersOf({ cookie, mode }: RequestOptions): [string, string][] {
  const headers = [cookie ?? []].flat().map((value): [string, string] => ['Cookie', value])
  if (mode !== undefined) headers.push(['Sec-Fetch-Mode', mode])
  return headers
}

function overSocket(
  url: URL,
  { headers, ...options }: { headers: [string, string][]; method: string; signal?: AbortSignal },
): Promise<Opened> {
  return new Promise((resolve, reject) => {
    // A list goes out as it is; one of an object would be joined.
    const sent = ['Host', url.host, ...headers.flat()]
    const outgoing = request(url, { ...options, agent: false, headers: sent })
    outgoing.once('error', reject)
    outgoing.once('response', (incoming) => resolve(opened(incoming)))
    outgoing.end()
  })
}

function opened(incoming: IncomingMessage): Opened {
  const { rawHeaders, statusCode = 0, statusMessage = '' } = incoming
  return {
    status: statusCode,
    statusText: statusMessage,
    headers: rawHeaders.flatMap((name, at) =>
      at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? ''] as const] : [],
    ),
    async text() {
      incoming.setEncoding('utf8')
      let body = ''
      for await (const part of incoming) body += String(part)
      return body
    },
  }
}

function gone(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('The client has gone')))
  })
}

import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'

export interface Answered {
  readonly status: number
  readonly location: string | undefined
  readonly setCookies: readonly string[]
  readonly body: string
}

export interface Sent {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** As a browser that shows a page: `fetch` would say in Sec-Fetch-Mode that it is a script's. */
export function get(url: string, headers: Record<string, string> = {}): Promise<Answered> {
  return send(url, { headers })
}

/** Follows no redirect. */
export async function send(url: string, { body, ...options }: Sent = {}): Promise<Answered> {
  const sent = request(url, { ...options, agent: false }).end(body)
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  return {
    status: response.statusCode ?? 0,
    location: response.headers.location,
    setCookies: response.headers['set-cookie'] ?? [],
    body: await text(response),
  }
}

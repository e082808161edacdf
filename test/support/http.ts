import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'

export interface Answered {
  readonly status: number
  readonly location: string | undefined
  readonly setCookies: readonly string[]
  readonly body: string
}

/** As a browser that shows a page: `fetch` would say in Sec-Fetch-Mode that it is a script's. */
export async function get(url: string, headers: Record<string, string> = {}): Promise<Answered> {
  const sent = request(url, { headers, agent: false }).end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  return {
    status: response.statusCode ?? 0,
    location: response.headers.location,
    setCookies: response.headers['set-cookie'] ?? [],
    body: await text(response),
  }
}

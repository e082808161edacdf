import { once } from 'node:events'
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'

export interface Page {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly location: string | undefined
  readonly body: string
}

export interface Sent {
  /** Posts these fields, as a form of the same site does. */
  readonly form?: Record<string, string>
  /** Posts this as it is. */
  readonly body?: string
  readonly headers?: Record<string, string>
}

/** What a page is told while it is open. */
export interface EventStream {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** All that came. */
  readonly text: string
  readonly isOver: boolean
  close(): void
}

/** A browser without a screen and without redirects, that keeps the session cookie for all ports. */
export class Browser {
  cookie = ''
  readonly #userAgent: string

  constructor(userAgent = 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0') {
    this.#userAgent = userAgent
  }

  async open(url: string, { form, body, headers }: Sent = {}): Promise<Page> {
    const sent = form === undefined ? body : new URLSearchParams(form).toString()
    const isPost = sent !== undefined
    const response = await this.#send(url, sent, {
      'sec-fetch-mode': 'navigate',
      ...(isPost && {
        origin: new URL(url).origin,
        'content-type': 'application/x-www-form-urlencoded',
      }),
      ...headers,
    })
    const page = await text(response)
    const { location } = response.headers
    return { status: response.statusCode ?? 0, headers: response.headers, location, body: page }
  }

  async signIn(origin: string, user: string, password: string): Promise<Page> {
    return this.open(`${origin}/login`, { form: { user, password } })
  }

  /** Who it is signed in as. */
  async whoami(origin: string): Promise<{ user: string | null; session: string | null }> {
    const { body } = await this.open(`${origin}/whoami`)
    return JSON.parse(body) as { user: string | null; session: string | null }
  }

  async listen(url: string): Promise<EventStream> {
    const response = await this.#send(url, undefined, { 'sec-fetch-mode': 'cors' })
    let received = ''
    let isOver = false
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => {
      received += chunk
    })
    response.on('error', () => {})
    response.on('close', () => {
      isOver = true
    })
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      get text() {
        return received
      },
      get isOver() {
        return isOver
      },
      close: () => response.destroy(),
    }
  }

  async #send(
    url: string,
    body: string | undefined,
    headers: Record<string, string>,
  ): Promise<IncomingMessage> {
    const sent = request(url, {
      agent: false,
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        'user-agent': this.#userAgent,
        ...(this.cookie !== '' && { cookie: this.cookie }),
        ...headers,
      },
    }).end(body)
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    for (const line of response.headers['set-cookie'] ?? []) {
      const [pair = ''] = line.split(';')
      if (pair.startsWith('session=')) this.cookie = line.includes('Max-Age=0') ? '' : pair
    }
    return response
  }
}

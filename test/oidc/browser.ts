import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'

/** A page, after all redirects. */
export interface Page {
  readonly url: string
  readonly status: number
  readonly text: string
}

interface Cookie {
  readonly value: string
  readonly path: string
}

/** A browser without a screen: cookies, redirects and forms. Ports are hosts of their own to it. */
export class Browser {
  readonly #cookies = new Map<string, Cookie>()
  /** Where it went, in order. */
  readonly visited: string[] = []

  async open(address: string, form?: URLSearchParams): Promise<Page> {
    let url = new URL(address)
    let body = form
    for (let redirects = 0; redirects < 20; redirects++) {
      this.visited.push(url.href)
      const sent = request(url, {
        agent: false,
        method: body === undefined ? 'GET' : 'POST',
        // `fetch` would say that it is a script's.
        headers: {
          'sec-fetch-mode': 'navigate',
          cookie: this.#cookiesFor(url),
          ...(body && { origin: url.origin, 'content-type': 'application/x-www-form-urlencoded' }),
        },
      }).end(body?.toString())
      const [response] = (await once(sent, 'response')) as [IncomingMessage]
      const { statusCode: status = 0, headers } = response
      for (const line of headers['set-cookie'] ?? []) this.#keep(url, line)
      const shown = await text(response)
      const { location } = headers
      if (location === undefined) return { url: url.href, status, text: shown }
      url = new URL(location, url)
      body = undefined
    }
    throw new Error('Too many redirects')
  }

  /** Sends the form of a page: its hidden fields, and what the user fills in. */
  submit(page: Page, fields: Record<string, string> = {}): Promise<Page> {
    const action = /<form[^>]* action="([^"]+)"/.exec(page.text)?.[1]
    if (action === undefined) throw new Error(`No form on ${page.url}: ${page.text}`)
    const form = new URLSearchParams()
    for (const [input] of page.text.matchAll(/<input type="hidden"[^>]*>/g)) {
      form.set(/name="([^"]*)"/.exec(input)?.[1] ?? '', /value="([^"]*)"/.exec(input)?.[1] ?? '')
    }
    for (const [name, value] of Object.entries(fields)) form.set(name, value)
    return this.open(new URL(action, page.url).href, form)
  }

  #cookiesFor({ host, pathname }: URL): string {
    const sent = [...this.#cookies].filter(
      ([key, { path }]) => key.startsWith(`${host} `) && pathname.startsWith(path),
    )
    return sent.map(([key, { value }]) => `${key.split(' ')[1]}=${value}`).join('; ')
  }

  #keep({ host }: URL, line: string): void {
    const [pair = '', ...attributes] = line.split(';')
    const [name = ''] = pair.split('=', 1)
    const named = Object.fromEntries(
      attributes.map((each) => {
        const [key = '', value = ''] = each.trim().split('=', 2)
        return [key.toLowerCase(), value]
      }),
    )
    const path = named['path'] || '/'
    const key = `${host} ${name} ${path}`
    const isGone = named['max-age'] === '0' || Date.parse(named['expires'] ?? '') <= Date.now()
    if (isGone) this.#cookies.delete(key)
    else this.#cookies.set(key, { value: pair.slice(name.length + 1), path })
  }
}

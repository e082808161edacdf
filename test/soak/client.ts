import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'

export interface Answer {
  readonly status: number
  readonly body: string
}

/** An answer that stays open until its session is over. */
export interface Stream {
  readonly ended: Promise<unknown>
  close(): void
}

export type Agents = Agent

export const createAgent = (): Agent => new Agent({ keepAlive: true, maxSockets: 20 })

/** One browser with one cookie, over connections that are kept. */
export class Browser {
  cookie: string | undefined
  /** Who it is to be, as far as it knows; undefined: nobody. */
  user: string | undefined
  readonly #at: string
  readonly #agent: Agent

  constructor(at: string, agent: Agent) {
    this.#at = at
    this.#agent = agent
  }

  async visit(path: string, cookie = this.cookie): Promise<Answer> {
    const response = await this.#open(path, cookie)
    const body = await text(response)
    if (cookie === this.cookie) this.#receive(response)
    return { status: response.statusCode ?? 0, body }
  }

  async watch(): Promise<Stream | undefined> {
    const response = await this.#open('/watch', this.cookie)
    if (response.statusCode !== 200) {
      response.resume()
      return undefined
    }
    const ended = once(response.resume(), 'close')
    return { ended, close: () => response.destroy() }
  }

  async #open(path: string, cookie: string | undefined): Promise<IncomingMessage> {
    const headers = cookie === undefined ? {} : { cookie }
    const request = get(`${this.#at}${path}`, { agent: this.#agent, headers })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    return response
  }

  #receive({ headers }: IncomingMessage): void {
    for (const set of headers['set-cookie'] ?? []) {
      this.cookie = /Max-Age=0/.test(set) ? undefined : set.split(';')[0]
    }
  }
}

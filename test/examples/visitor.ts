import { send, type Answered, type Sent } from '../support/http.ts'

/** How an app is asked: over a socket, or as a worker. */
export type Ask = (path: string, sent: Sent) => Promise<Answered>

export const askAt =
  (origin: string): Ask =>
  (path, sent) =>
    send(`${origin}${path}`, sent)

/** Speaks JSON with an app, and keeps its session cookie as browsers do. */
export class Visitor {
  readonly #ask: Ask
  /** The Cookie header; empty: none. */
  cookie = ''

  constructor(ask: Ask) {
    this.#ask = ask
  }

  get(path: string): Promise<Answered> {
    return this.send(path)
  }

  delete(path: string): Promise<Answered> {
    return this.send(path, { method: 'DELETE' })
  }

  post(path: string, json: unknown = {}): Promise<Answered> {
    const headers = { 'content-type': 'application/json' }
    return this.send(path, { method: 'POST', headers, body: JSON.stringify(json) })
  }

  async send(path: string, { headers = {}, ...rest }: Sent = {}): Promise<Answered> {
    const cookie = this.cookie === '' ? {} : { cookie: this.cookie }
    const answer = await this.#ask(path, { ...rest, headers: { ...headers, ...cookie } })
    const [set] = answer.setCookies
    if (set !== undefined) this.cookie = set.includes('Max-Age=0') ? '' : (set.split(';')[0] ?? '')
    return answer
  }

  async login(user: string, password: string): Promise<this> {
    const { status } = await this.post('/login', { user, password })
    if (status !== 200) throw new Error(`The login was answered with ${status}`)
    return this
  }

  /** Who the app says it is; undefined: not signed in. */
  async whoami(): Promise<string | undefined> {
    const { status, body } = await this.get('/account')
    if (status === 200) return (JSON.parse(body) as { user: string }).user
    if (status === 401) return undefined
    throw new Error(`The account was answered with ${status}`)
  }

  /** Another holder of the cookie that this one has now. */
  copy(): Visitor {
    return Object.assign(new Visitor(this.#ask), { cookie: this.cookie })
  }
}

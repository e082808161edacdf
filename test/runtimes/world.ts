import {
  createSessions,
  SessionError,
  type Session,
  type Sessions,
  type SessionsOptions,
  type SessionStore,
} from '@adjourn/core'
import { session, type Env } from '@adjourn/hono'
import { Hono } from 'hono'

/** What a request does with its session; what it returns is answered as JSON. */
export type Act = (session: Session) => unknown

/** An answer, with nothing in it that differs from run to run. */
export interface Seen {
  readonly status: number
  readonly body: unknown
  /** Without its secret values. */
  readonly setCookies: readonly string[]
}

export const SECRET = 'a secret of the tests of all runtimes'

const YEAR_2060 = Date.UTC(2060, 0)

/** A clock for one case, far from any database's expiry monitor. */
export class StoppedClock {
  #now = YEAR_2060

  now(): number {
    return this.#now
  }

  advance(seconds: number): void {
    this.#now += seconds * 1000
  }
}

/** One node of an app. */
export interface Node {
  readonly sessions: Sessions
  readonly ask: (cookie: string, act: Act) => Promise<Response>
}

export function createNode(store: SessionStore, options: Partial<SessionsOptions>): Node {
  const sessions = createSessions({ store, secrets: SECRET, ...options })
  const acts = new Map<string, Act>()
  const app = new Hono<Env>().use(session(sessions)).get('/:act', async (c) => {
    const act = acts.get(c.req.param('act'))
    const said = await act?.(c.var.session)
    return c.json(said ?? null)
  })
  app.onError((error, c) =>
    error instanceof SessionError
      ? c.json(error.code, error.code === 'ERR_STORE_UNAVAILABLE' ? 503 : 409)
      : c.json(String(error), 500),
  )
  return {
    sessions,
    async ask(cookie, act) {
      const name = `act-${acts.size}`
      acts.set(name, act)
      const headers: Record<string, string> = cookie === '' ? {} : { cookie }
      return app.request(`https://app.example/${name}`, { headers })
    },
  }
}

/** A browser: keeps the cookie that it was sent. */
export class Browser {
  cookie = ''
  readonly #node: Node

  constructor(node: Node) {
    this.#node = node
  }

  /** Another request of the same browser at this moment, whose answer changes nothing here. */
  copy(node = this.#node): Browser {
    const copy = new Browser(node)
    copy.cookie = this.cookie
    return copy
  }

  async ask(act: Act = whoami): Promise<Seen> {
    const response = await this.#node.ask(this.cookie, act)
    const setCookies = response.headers.getSetCookie()
    for (const setCookie of setCookies) this.cookie = kept(setCookie)
    return {
      status: response.status,
      body: await response.json(),
      setCookies: setCookies.map((each) => each.replace(/^([^=]*)=[^;]+/, '$1=…')),
    }
  }

  async login(userId: string, options: Parameters<Session['create']>[0] = {}): Promise<string> {
    const { body } = await this.ask(async (current) => {
      await current.create({ ...options, userId })
      return current.id
    })
    return String(body)
  }
}

export const whoami: Act = ({ userId }) => userId ?? 'nobody'

export const logout: Act = (current) => current.end()

function kept(setCookie: string): string {
  const [pair = ''] = setCookie.split(';')
  return /max-age=0/i.test(setCookie) ? '' : pair
}

/** The code that a call is refused with. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return 'no error'
  } catch (error) {
    return error instanceof SessionError ? error.code : String(error)
  }
}

/** Waits for what another node is told, and no longer than 10 s. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<boolean> {
  for (let tries = 0; tries < 400; tries++) {
    if (await isSo()) return true
    await new Promise((resolve) => {
      setTimeout(resolve, 25)
    })
  }
  return false
}

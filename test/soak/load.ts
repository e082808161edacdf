/** People who come and go, each of whom knows at any time whether they are signed in. */
import { setTimeout as pause } from 'node:timers/promises'
import { Browser, type Agents, type Stream } from './client.ts'

export interface Load {
  readonly at: string
  readonly agent: Agents
  readonly isOver: () => boolean
  /** What must not be. */
  readonly complain: (problem: string) => void
}

export interface Counts {
  requests: number
  /** Answers of 503. */
  outages: number
  ended: number
  replayed: number
}

/** How long a stream may outlive its session: an outage may come in between. */
const STREAM_MS = 10_000
const REMEMBERED = 200
/** Between two acts, at most: time is what shows a leak, and an app at its limit shows its limit. */
const THINK_MS = 60

const one = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T

/** Has all of them at work until it is over. */
export async function run(load: Load, workers: number, counts: Counts): Promise<void> {
  const all = Array.from({ length: workers }, (_, at) => new Household(load, `user-${at}`, counts))
  await Promise.all(all.map((each) => each.live()))
}

/** One user with several browsers, who does one thing after the other. */
class Household {
  readonly #load: Load
  readonly #name: string
  readonly #counts: Counts
  readonly #browsers: readonly Browser[]
  /** Cookies of sessions that have ended for certain. */
  #ended: string[] = []

  constructor(load: Load, name: string, counts: Counts) {
    this.#load = load
    this.#name = name
    this.#counts = counts
    this.#browsers = [1, 2, 3].map(() => new Browser(load.at, load.agent))
  }

  async live(): Promise<void> {
    while (!this.#load.isOver()) {
      const browser = one(this.#browsers)
      await this.#act(browser).catch((error: unknown) => {
        this.#load.complain(`a request failed: ${String(error)}`)
      })
      await pause(Math.random() * THINK_MS)
    }
  }

  #act(browser: Browser): Promise<void> {
    if (browser.cookie === undefined) return this.#arrive(browser)
    const acts = browser.user === undefined ? VISITOR : USER
    return this.#acts[one(acts)](browser)
  }

  async #arrive(browser: Browser): Promise<void> {
    const isLogin = Math.random() < 0.8
    await this.#ask(browser, isLogin ? `/login/${this.#name}` : `/visit/${this.#name}`)
    browser.user = isLogin && browser.cookie !== undefined ? this.#name : undefined
  }

  readonly #acts: Readonly<Record<Act, (browser: Browser) => Promise<void>>> = {
    who: (browser) => this.#expectIn(browser),
    save: async (browser) => void (await this.#ask(browser, '/save')),
    list: async (browser) => void (await this.#ask(browser, '/list')),
    login: async (browser) => {
      if (await this.#ask(browser, `/login/${this.#name}`)) browser.user = this.#name
      // Nobody knows which secret the session has by now.
      else this.#leave(browser, false)
    },
    rotate: async (browser) => {
      const { cookie = '' } = browser
      if (await this.#ask(browser, '/rotate')) this.#over(cookie)
      await this.#expectIn(browser)
    },
    others: async (browser) => {
      const others = this.#browsers.filter((each) => each !== browser && each.user !== undefined)
      const isDone = await this.#ask(browser, '/others')
      for (const other of others) this.#leave(other, isDone)
    },
    logout: async (browser) => {
      const { cookie = '' } = browser
      const isDone = await this.#ask(browser, '/logout')
      if (isDone) this.#over(cookie)
      // The outage may have come before the session was loaded, and then nobody is out.
      if (isDone && browser.cookie !== undefined) this.#load.complain('a logout left the cookie')
      if (browser.cookie === undefined) browser.user = undefined
    },
    revoke: async (browser) => {
      const isDone = await this.#ask(browser, `/revoke/${this.#name}`)
      for (const each of this.#browsers) this.#leave(each, isDone)
    },
    watch: async (browser) => {
      const stream = await browser.watch()
      if (stream === undefined) return void this.#counts.outages++
      if (Math.random() < 0.5) stream.close()
      else await this.#expectEnd(browser, stream)
      await stream.ended
    },
    replay: async (browser) => {
      const cookie = one(this.#ended)
      if (cookie === undefined) return
      this.#counts.replayed++
      const { status, body } = await browser.visit('/who', cookie)
      this.#counts.requests++
      if (status !== 503 && body !== 'nobody') this.#load.complain(`back from the end: ${body}`)
    },
  }

  async #expectEnd(browser: Browser, stream: Stream): Promise<void> {
    await this.#acts.logout(browser)
    // The logout may have met an outage: then the session is ended by whoever revokes it.
    for (let tries = 0; tries < 20; tries++) {
      if (await this.#ask(browser, `/revoke/${this.#name}`)) break
      await pause(50)
    }
    for (const each of this.#browsers) this.#leave(each, true)
    const late = pause(STREAM_MS, 'late', { ref: false })
    if ((await Promise.race([stream.ended, late])) !== 'late') return
    this.#load.complain('a stream has outlived its session')
    stream.close()
  }

  async #expectIn(browser: Browser): Promise<void> {
    const { status, body } = await browser.visit('/who')
    this.#counts.requests++
    if (status === 503) return void this.#counts.outages++
    const expected = browser.user ?? 'nobody'
    if (body !== expected) this.#load.complain(`${expected} is ${body}, by ${status}`)
  }

  /** Whether it was done; an outage is the only reason why not. */
  async #ask(browser: Browser, path: string): Promise<boolean> {
    const { status } = await browser.visit(path)
    this.#counts.requests++
    if (status === 503) this.#counts.outages++
    else if (status !== 200) this.#load.complain(`${path} was answered with ${status}`)
    return status === 200
  }

  #leave(browser: Browser, isDone: boolean): void {
    if (isDone && browser.cookie !== undefined) this.#over(browser.cookie)
    browser.cookie = undefined
    browser.user = undefined
  }

  #over(cookie: string): void {
    this.#counts.ended++
    this.#ended = [cookie, ...this.#ended].slice(0, REMEMBERED)
  }
}

type Act =
  | 'who'
  | 'save'
  | 'list'
  | 'login'
  | 'rotate'
  | 'others'
  | 'logout'
  | 'revoke'
  | 'watch'
  | 'replay'

const VISITOR: readonly Act[] = ['who', 'save', 'login', 'logout', 'watch', 'replay']
const USER: readonly Act[] = [
  'who',
  'who',
  'who',
  'who',
  'save',
  'save',
  'list',
  'rotate',
  'others',
  'logout',
  'revoke',
  'watch',
  'replay',
  'replay',
]

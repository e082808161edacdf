import type { SuiteResults } from '../test/runtimes/results.ts'

const NAME = '__Host-session'
/** What a Set-Cookie says that signs in, without the cookie's value. */
export const LOGIN: string = `${NAME}=…; Max-Age=86400; Path=/; HttpOnly; Secure; SameSite=Lax`
export const DELETION: string = `${NAME}=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax`

const EXPECTED = {
  'before the login': [200, 'nobody', []],
  login: [200, 'hello', [LOGIN]],
  'after the login': [200, 'ada', []],
  logout: [200, 'goodbye', [DELETION]],
  // No deletion: fetch says that it is no navigation.
  'the same cookie afterwards': [200, 'nobody', []],
}

/** Signs in and out at an app that serves, as a browser would, and replays the cookie. */
export async function askFromOutside(at: string): Promise<SuiteResults> {
  const browser = new Browser(at)
  return verdicts(EXPECTED, {
    'before the login': await browser.ask('GET', '/who'),
    login: await browser.ask('POST', '/login'),
    'after the login': await browser.ask('GET', '/who'),
    logout: await browser.ask('POST', '/logout'),
    'the same cookie afterwards': await browser.ask('GET', '/who'),
  })
}

type Answer = readonly [status: number, body: string, setCookies: readonly string[]]

/** Keeps the last cookie that it was given, and sends it even when it was told to delete it. */
export class Browser {
  readonly #at: string
  #cookie: string

  constructor(at: string, cookie = '') {
    this.#at = at
    this.#cookie = cookie
  }

  copy(): Browser {
    return new Browser(this.#at, this.#cookie)
  }

  async ask(
    method: 'GET' | 'POST',
    path: string,
    json?: unknown,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const response = await fetch(new URL(path, this.#at), {
      method,
      headers: { ...(this.#cookie !== '' && { cookie: this.#cookie }), ...more },
      signal: AbortSignal.timeout(20_000),
      ...(json !== undefined && { body: JSON.stringify(json) }),
    })
    const setCookies = response.headers.getSetCookie()
    const given = setCookies.find((each) => each.startsWith(`${NAME}=F`))
    if (given !== undefined) this.#cookie = given.split(';')[0] ?? ''
    const shown = setCookies.map((each) => each.replace(/^([^=]*)=[^;]+/, '$1=…'))
    return [response.status, await response.text(), shown]
  }
}

/** What was seen at each step, held against what had to be. */
export function verdicts<Step extends string>(
  expected: Readonly<Record<Step, unknown>>,
  saw: Readonly<Record<Step, unknown>>,
): SuiteResults {
  const steps = Object.keys(expected) as Step[]
  return Object.fromEntries(steps.map((step) => [step, verdict(saw[step], expected[step])]))
}

function verdict(saw: unknown, expected: unknown): string {
  const [a, b] = [JSON.stringify(saw), JSON.stringify(expected)]
  return a === b ? 'passed' : `failed: saw ${a}, expected ${b}`
}

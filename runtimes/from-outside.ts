import type { SuiteResults } from '../test/runtimes/results.ts'

const NAME = '__Host-session'
const LOGIN = `${NAME}=…; Max-Age=86400; Path=/; HttpOnly; Secure; SameSite=Lax`
const DELETION = `${NAME}=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax`

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
  let cookie = ''
  const ask = async (method: 'GET' | 'POST', path: string): Promise<unknown> => {
    const headers: Record<string, string> = cookie === '' ? {} : { cookie }
    const signal = AbortSignal.timeout(20_000)
    const response = await fetch(new URL(path, at), { method, headers, signal })
    const setCookies = response.headers.getSetCookie()
    const given = setCookies.find((each) => each.startsWith(`${NAME}=F`))
    if (given !== undefined) cookie = given.split(';')[0] ?? ''
    const shown = setCookies.map((each) => each.replace(/^([^=]*)=[^;]+/, '$1=…'))
    return [response.status, await response.text(), shown]
  }
  const saw: Record<keyof typeof EXPECTED, unknown> = {
    'before the login': await ask('GET', '/who'),
    login: await ask('POST', '/login'),
    'after the login': await ask('GET', '/who'),
    logout: await ask('POST', '/logout'),
    'the same cookie afterwards': await ask('GET', '/who'),
  }
  return Object.fromEntries(
    Object.entries(EXPECTED).map(([step, expected]) => [
      step,
      verdict(saw[step as keyof typeof EXPECTED], expected),
    ]),
  )
}

function verdict(saw: unknown, expected: unknown): string {
  const [a, b] = [JSON.stringify(saw), JSON.stringify(expected)]
  return a === b ? 'passed' : `failed: saw ${a}, expected ${b}`
}

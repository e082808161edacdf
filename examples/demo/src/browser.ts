/** Ten logins at once hash ten passwords, on a machine that may be busy. */
const PATIENCE_MS = 30_000

interface Reply {
  /** 0: the connection broke, or nothing came in time. */
  readonly status: number
  /** As they went over the wire. */
  readonly setCookies: readonly string[]
  readonly body: string
}

/** An HTTP client with a cookie jar, for one site. It follows no redirect. */
export interface Browser {
  get(path: string): Promise<Reply>
  post(path: string, form?: Record<string, string>): Promise<Reply>
  /** Another client with the cookies that this one has now. */
  copy(): Browser
}

/** `stop` breaks off whatever is under way: requests then reject. */
export function openBrowser(
  origin: string,
  stop: AbortSignal,
  cookies: ReadonlyMap<string, string> = new Map(),
): Browser {
  const jar = new Map(cookies)

  async function request(path: string, init: RequestInit): Promise<Reply> {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    try {
      const response = await fetch(new URL(path, origin), {
        ...init,
        // As a browser says where a form comes from.
        headers: { cookie, origin },
        redirect: 'manual',
        signal: AbortSignal.any([stop, AbortSignal.timeout(PATIENCE_MS)]),
      })
      const setCookies = response.headers.getSetCookie()
      for (const line of setCookies) keep(jar, line)
      return { status: response.status, setCookies, body: await response.text() }
    } catch {
      stop.throwIfAborted()
      return { status: 0, setCookies: [], body: '' }
    }
  }

  return {
    get: (path) => request(path, { method: 'GET' }),
    post: (path, form = {}) => request(path, { method: 'POST', body: new URLSearchParams(form) }),
    copy: () => openBrowser(origin, stop, jar),
  }
}

function keep(jar: Map<string, string>, setCookie: string): void {
  const [pair = ''] = setCookie.split(';', 1)
  const at = pair.indexOf('=')
  const name = pair.slice(0, at)
  if (deletes(setCookie, name)) jar.delete(name)
  else jar.set(name, pair.slice(at + 1))
}

/** Whether a Set-Cookie makes the browser drop the cookie of this name. */
export function deletes(setCookie: string, name: string): boolean {
  if (!setCookie.startsWith(`${name}=`)) return false
  const maxAge = /;\s*max-age=(-?\d+)/i.exec(setCookie)?.[1]
  if (maxAge !== undefined) return Number(maxAge) <= 0
  const expires = /;\s*expires=([^;]+)/i.exec(setCookie)?.[1]
  return expires !== undefined && Date.parse(expires) <= Date.now()
}

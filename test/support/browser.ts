import { send, type Answered } from './http.ts'

export interface Ask {
  readonly method?: 'GET' | 'POST'
  /** What a browser says in Sec-Fetch-Mode; null: says nothing, as other clients. Default: `navigate`. */
  readonly mode?: 'navigate' | 'cors' | null
}

/** Keeps the cookies of one host as a browser does, and follows no redirects. */
export class CookieBrowser {
  readonly cookies: Map<string, string>

  constructor(cookies: Iterable<readonly [string, string]> = []) {
    this.cookies = new Map(cookies)
  }

  get cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  /** Another holder of the cookies of that name that this one has now. */
  copyOf(name: string): CookieBrowser {
    return new CookieBrowser([...this.cookies].filter(([each]) => each === name))
  }

  async open(url: string, { method = 'GET', mode = 'navigate' }: Ask = {}): Promise<Answered> {
    const headers = {
      ...(this.cookies.size > 0 && { cookie: this.cookieHeader }),
      ...(mode !== null && { 'sec-fetch-mode': mode, 'sec-fetch-site': 'same-origin' }),
    }
    const answer = await send(url, { method, headers })
    for (const cookie of answer.setCookies) this.#keep(cookie)
    return answer
  }

  #keep(setCookie: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(setCookie) ?? []
    const isDeletion = /Max-Age=0|Expires=Thu, 01 Jan 1970/i.test(setCookie)
    if (isDeletion) this.cookies.delete(name)
    else this.cookies.set(name, value)
  }
}

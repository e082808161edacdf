import { serializeDeletion, type CookieAttributes } from './cookie.ts'
import { SessionError } from './errors.ts'
import type { Transport } from './transport.ts'

/** The one place for this session's cookie on the response: what is put there last goes out. */
export class CookieSlot {
  readonly #transport: Transport
  readonly #attributes: CookieAttributes
  #clearSiteData: string | undefined
  #deletes = false
  #ending = 0

  constructor(transport: Transport, attributes: CookieAttributes) {
    this.#transport = transport
    this.#attributes = attributes
  }

  /** What it holds deletes the cookie, or did when the headers left. */
  get deletes(): boolean {
    return this.#deletes
  }

  /** The browser shows a page next: no script of an older one waits for this answer. */
  get isNavigation(): boolean {
    const mode = this.#transport.header('sec-fetch-mode')
    return mode === null || mode === undefined || mode === 'navigate'
  }

  /** The Cookie header of the request. */
  get received(): string | null | undefined {
    return this.#transport.header('cookie')
  }

  /** The headers have left. */
  get #isClosed(): boolean {
    return this.#transport.headersSent()
  }

  assertWritable(): void {
    if (!this.#isClosed) return
    throw new SessionError('ERR_HEADERS_SENT', 'The response has left: no cookie can go with it')
  }

  /** Hands the cookie out, if it still can and no end has been called that is not done. */
  set(setCookie: string): void {
    if (this.#isClosed || this.#ending > 0) return
    this.#deletes = false
    this.#transport.queue({ cookieName: this.#attributes.name, setCookie })
  }

  /** Deletes the cookie, if the headers have not left. */
  delete(clearSiteData?: string): void {
    if (this.#isClosed) return
    this.#deletes = true
    this.#clearSiteData = clearSiteData ?? this.#clearSiteData
    this.#transport.queue({
      cookieName: this.#attributes.name,
      setCookie: serializeDeletion(this.#attributes),
      ...(this.#clearSiteData === undefined ? {} : { clearSiteData: this.#clearSiteData }),
    })
  }

  /** An end was called: from now on, until it is done, the deletion stays whatever comes before it. */
  beginEnd(clearSiteData: string | undefined): void {
    this.#ending++
    this.delete(clearSiteData)
  }

  finishEnd(): void {
    this.#ending--
  }

  get isEnding(): boolean {
    return this.#ending > 0
  }
}

import { own } from './check.ts'
import type { ResolvedCookie } from './cookie-options.ts'
import { serializeDeletion, setCookieName, type CookieAttributes } from './cookie.ts'
import { SessionError } from './errors.ts'
import type { Warnings } from './findings.ts'
import { seemsPlainHttp } from './plain-http.ts'
import { clearingsFor } from './previous-cookies.ts'
import type { Transport } from './transport.ts'

/** The one place for this session's cookie on the response: what is put there last goes out. */
export class CookieSlot {
  readonly #transport: Transport
  readonly #attributes: CookieAttributes
  /** Deletions of earlier cookies that the request has brought along. */
  readonly #clearings: readonly string[]
  readonly #warnings: Warnings
  #clearSiteData: string | undefined
  #deletes = false
  #ending = 0

  constructor(transport: Transport, { attributes, previous }: ResolvedCookie, warnings: Warnings) {
    this.#transport = transport
    this.#warnings = warnings
    this.#attributes = attributes
    this.#clearings =
      previous.length === 0 ? [] : clearingsFor(previous, this.received, attributes.name)
    if (this.#clearings.length > 0 && !this.#isClosed) this.#queue()
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

  /**
   * A cookie that nobody asked for may go with this response: no script of a page waits for it, whose
   * late answer would replace what the browser got meanwhile. Browsers name the site of each request
   * whose mode they name; other clients are no pages.
   */
  get mayRenew(): boolean {
    const site = this.#transport.header('sec-fetch-site')
    return this.isNavigation || site === null || site === undefined
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
    const { name, secure } = this.#attributes
    if (secure && seemsPlainHttp((header) => this.#transport.header(header), name)) {
      this.#warnings.warn('insecure-request')
    }
    this.#deletes = false
    this.#queue(setCookie)
  }

  /** Deletes the cookie, if the headers have not left. */
  delete(clearSiteData?: string): void {
    if (this.#isClosed) return
    this.#deletes = true
    this.#clearSiteData = clearSiteData ?? this.#clearSiteData
    this.#queue(serializeDeletion(this.#attributes), this.#clearSiteData)
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

  #queue(setCookie?: string, clearSiteData?: string): void {
    // The session's own cookie comes before an earlier one of its name, which waits for the next
    // response.
    const clearings =
      setCookie === undefined
        ? this.#clearings
        : this.#clearings.filter((value) => setCookieName(value) !== this.#attributes.name)
    const headers = {
      ...(setCookie === undefined ? {} : { setCookie }),
      ...(clearSiteData === undefined ? {} : { clearSiteData }),
      ...(clearings.length === 0 ? {} : { clearings }),
    }
    this.#transport.queue(own(headers))
  }
}

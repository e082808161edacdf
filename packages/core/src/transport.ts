/** The headers that the session wants on the response. A later one replaces an earlier one whole. */
export interface QueuedHeaders {
  /** The Set-Cookie value of the session's cookie; absent: it stays as it is. */
  readonly setCookie?: string
  /** Set-Cookie values that delete cookies of an earlier configuration, each of another name. */
  readonly clearings?: readonly string[]
  /** The Clear-Site-Data value, where the handler asked for one. */
  readonly clearSiteData?: string
}

/** The request headers that core reads; the last two for warnings only. */
export type RequestHeader = 'cookie' | 'sec-fetch-mode' | 'sec-fetch-site' | 'user-agent' | 'origin'

/** One request and its response, as core sees them. */
export interface Transport {
  /**
   * A request header by its lower-case name; several of one name joined as HTTP joins them.
   *
   * @param name In lower case.
   */
  header(name: RequestHeader): string | null | undefined
  /** Whether the response's headers have left, so that nothing can be queued any more. */
  headersSent(): boolean
  /**
   * Keeps the headers until the response leaves. Called only while `headersSent()` is false.
   *
   * @param headers In place of those of an earlier call.
   */
  queue(headers: QueuedHeaders): void
  /**
   * Keeps work of the request alive when the response has left, where the runtime would drop it:
   * `executionCtx.waitUntil` of Workers. Default: the runtime drops nothing.
   *
   * @param work Never rejects.
   */
  readonly waitUntil?: ((work: Promise<void>) => void) | undefined
}

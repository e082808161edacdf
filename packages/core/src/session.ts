import type { Data } from './data.ts'
import type { Fence } from './fence.ts'
import type { Federation } from './groups.ts'
import type { Device } from './record.ts'

/** What `create` takes. */
export interface CreateOptions<D extends object = Data> {
  /** Who signs in. Absent: an anonymous session. Any non-empty string. */
  readonly userId?: string
  /** Keys to set over those carried over. */
  readonly data?: Partial<D>
  /** Groups that can be revoked together, such as `org:acme`. They are part of the cookie. */
  readonly tags?: readonly string[]
  /** Lets the identity provider end this session. */
  readonly federation?: Federation
  /** From `sessions.fence`, taken before the credentials were checked. */
  readonly fence?: Fence
  /** What to show of this device in a list of sessions. */
  readonly device?: Device
}

/** Which of the browser's stores a logout empties, see `end`. */
export type SiteData = 'cache' | 'cookies' | 'storage' | '*'

/** What `end` takes. */
export interface EndOptions {
  /**
   * Also sends `Clear-Site-Data`, so that cached answers and storage of the signed-in user are gone
   * from the browser (ASVS 14.3.1). True: cache and storage. `cookies` clears those of the whole
   * registrable domain, subdomains included. Browsers may still show a page that they keep for the
   * back button: send private pages with `Cache-Control: no-store`. Default: false.
   *
   * @see https://www.w3.org/TR/clear-site-data/
   */
  readonly clearSiteData?: boolean | readonly SiteData[]
}

/**
 * The session of one request. It is always there, signed in or not.
 *
 * Nothing is written behind the handler's back: when an awaited call resolves, the store has
 * acknowledged it and the header is queued. Calls on one session run one after the other. Any call
 * rejects with `ERR_STORE_UNAVAILABLE` if the store fails, and those that send a cookie with
 * `ERR_HEADERS_SENT`, having changed nothing, once the response has left.
 *
 * @example
 * ```ts
 * import { sessionOf } from '@adjourn/express'
 *
 * app.post('/login', async (req, res) => {
 *   const fence = await sessions.fence(req.body.user) // before the password is checked
 *   if (!(await checkPassword(req.body))) return res.sendStatus(401)
 *   await sessionOf(req).create({ userId: req.body.user, fence })
 *   res.redirect('/')
 * })
 * app.post('/logout', async (req, res) => {
 *   await sessionOf(req).end() // record and cookie are gone
 *   res.redirect('/')
 * })
 * ```
 */
export interface Session<D extends object = Data> {
  /** Whether there is a live session, of a user or anonymous. */
  readonly active: boolean
  /** Public handle: safe to show, log and list, useless as a cookie. Undefined when not active. */
  readonly id: string | undefined
  /** Who is signed in. Undefined when anonymous or not active. */
  readonly userId: string | undefined
  /** As `create` or `rotate` set them. Empty when not active. */
  readonly tags: readonly string[]
  /**
   * The session's data: plain JSON values, at most 4 Mi characters and 500 levels deep. Change it in place, then
   * `save()`. Empty when not active.
   */
  readonly data: Partial<D>
  /** When it was started, by its login if it has a user. Undefined when not active. */
  readonly createdAt: Date | undefined
  /** When the user last proved who they are. */
  readonly authenticatedAt: Date | undefined
  /** When it was last used, as of the last write. Undefined when not active. */
  readonly lastSeenAt: Date | undefined
  /** When it ends if it is not used again. */
  readonly expiresAt: Date | undefined
  /**
   * Aborts when the session ends, is revoked or expires, on this node or another; aborted already
   * when not active. Close what outlives a request with it: sockets, streams, downloads. Ask for it
   * before the response leaves; all requests of a session share one, so remove your listener when
   * its connection closes. An open connection does not keep the session from its idle timeout:
   * requests do. Its reason is a `SessionError` with `ERR_SESSION_ENDED`. A session whose signal was
   * asked for is watched until it is over, which takes some 250 bytes.
   *
   * Told by the store's feed, on another node within milliseconds as a rule. Where the feed is lost,
   * or the store has none, sessions that are watched are looked up every half second instead, and
   * all of them once the feed is back: nothing is missed. Where a request's work ends with its answer,
   * as on Workers, no request can wake another, and the signal never aborts: ask `sessions.find(id)`.
   */
  readonly signal: AbortSignal

  /**
   * Starts a session; call it once the user's credentials are checked. The secret is new, both
   * timeouts start again, an anonymous session's data is carried over. A session of another user is
   * ended first and carries nothing over.
   *
   * @param options Who signs in, and what the session is to hold. Default: an anonymous session.
   * @throws SessionError `ERR_SESSION_REVOKED` if a revocation overtook the fence or this call, or
   * the fence is another user's, older than 15 minutes, or does not cover what is joined;
   * `ERR_SESSION_LIMIT` if the user has too many and `onLimit` is `reject`; `ERR_DATA_INVALID`,
   * `ERR_COOKIE_TOO_LARGE`, `ERR_CONFIG` for an argument that is wrong.
   * @see OWASP ASVS 5.0, 7.2.4
   */
  create(options?: CreateOptions<D>): Promise<void>
  /**
   * Writes the top-level keys of `data` that changed; requests that change different keys at the
   * same time all persist. Without a session, starts an anonymous one.
   *
   * @throws SessionError `ERR_SESSION_ENDED`, having changed nothing, if the session is over or its
   * cookie was rotated away; `ERR_DATA_INVALID` with the path.
   */
  save(): Promise<void>
  /**
   * Atomic read-modify-write of the newest stored data. `fn` changes its argument or returns the new
   * data; it may run more than once. While it runs the session
   * takes no call but `end`.
   *
   * @param fn Gets a copy of the newest data. What it throws, `update` rejects with.
   * @throws SessionError as `save` does; `ERR_CONFIG` for a call while `fn` runs.
   */
  update(fn: (data: Partial<D>) => Partial<D> | void | Promise<Partial<D> | void>): Promise<void>
  /**
   * Leaves a one-time message, such as "You are signed out", for this browser's next request to
   * take; without a session, starts an anonymous one. Plain JSON, apart from `data` and its schema.
   * What this request has left outlives its `end()` where it starts an anonymous session after it, by
   * `create()` or by leaving another message; a login that takes that session over takes them along.
   *
   * @param key What to ask for it by.
   * @param value Plain JSON, such as a text.
   * @throws SessionError as `save` does.
   */
  flash(key: string, value: unknown): Promise<void>
  /**
   * Takes a message away and resolves to it, once, however many ask; undefined if there is none.
   *
   * @param key What it was left under.
   */
  flash<T = unknown>(key: string): Promise<T | undefined>
  /**
   * A new secret under the same id; the old cookie stops at once. Call it when privileges change.
   * `tags` replaces the session's tags.
   *
   * @param options The tags from now on. Default: those it has.
   * @throws SessionError `ERR_SESSION_ENDED` if the session is over, was rotated elsewhere, or a
   * revocation met the change of tags; `ERR_COOKIE_TOO_LARGE`.
   */
  rotate(options?: { readonly tags?: readonly string[] }): Promise<void>
  /**
   * Rotates, and `authenticatedAt` is now; call it when the signed-in user has proved again who they
   * are.
   *
   * @throws SessionError as `rotate` does.
   * @see OWASP ASVS 5.0, 7.5.1
   */
  reauthenticate(): Promise<void>
  /**
   * Whether the user proved who they are within the last `seconds`. For step-up.
   *
   * @param seconds How long ago that may be, such as 300.
   */
  isFresh(seconds: number): boolean
  /**
   * Ends the session: deletes the record and queues the deletion cookie. Idempotent; also ends a
   * session whose cookie was rotated away. Afterwards `active` is false and `data` is empty.
   *
   * @param options Whether the browser is to empty its stores too.
   * @throws SessionError `ERR_STORE_UNAVAILABLE` with `record: 'unknown'` if the store did not
   * confirm: the deletion cookie is queued all the same, the record may live, call again.
   * `ERR_HEADERS_SENT` with `record: 'deleted'` if the response has left.
   * @see OWASP ASVS 5.0, 7.4.1
   */
  end(options?: EndOptions): Promise<void>
  /**
   * Ends all other sessions of this user and rotates this one, for "sign out my other devices".
   * Resolves to the number of records deleted. After a change of password or of any other factor
   * call `sessions.revokeAll(userId, { except: session })` and then `rotate()`: that ends the others
   * also where one of them has just ended this session.
   *
   * @throws SessionError `ERR_SESSION_ENDED`, having changed nothing, if this session is over.
   * @see OWASP ASVS 5.0, 7.4.3
   */
  revokeOthers(): Promise<number>
}

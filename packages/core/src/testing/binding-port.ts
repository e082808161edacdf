import type { Session, Sessions, SessionStore } from '../index.ts'

/**
 * How a handler of the suite answers: a few things that every framework can do, each to be done in
 * the framework's own way. A handler calls one of `send`, `redirect` and `stream`, once and last, or
 * throws.
 */
export interface Reply {
  /**
   * Sets a response header in place of what was set under that name.
   *
   * @param name In any case.
   * @param value What it is set to.
   */
  setHeader(name: string, value: string): void
  /**
   * Adds a response header beside what was set under that name.
   *
   * @param name In any case.
   * @param value What is added.
   */
  addHeader(name: string, value: string): void
  /**
   * Answers; without a body, with none.
   *
   * @param status Of HTTP, 200 to 599.
   * @param body A text. Default: none.
   */
  send(status: number, body?: string): void | Promise<void>
  /**
   * Answers as the framework redirects, with status 302.
   *
   * @param location A path, or a URL.
   */
  redirect(location: string): void | Promise<void>
  /**
   * Answers with 200 and a body that comes in parts. The headers leave with the first part or
   * earlier, and nothing waits for the last one.
   *
   * @param parts Texts, in their order.
   */
  stream(parts: AsyncIterable<string>): void | Promise<void>
}

/**
 * A handler of the suite. What it throws is for the framework's default error handling.
 *
 * @param session Of the request, by the `Sessions` mounted first.
 * @param reply How to answer.
 * @param others Sessions of the further `Sessions` that are mounted, in their order.
 */
export type Handler = (
  session: Session,
  reply: Reply,
  /** Of the further `Sessions` that are mounted, in their order. */
  others: readonly Session[],
) => void | Promise<void>

/** Handlers of GET (and so HEAD) by path. Any other path is for the framework's default 404. */
export type Routes = Readonly<Record<string, Handler>>

/** What to mount. */
export interface Mounted {
  /** Mounted first, in front of all routes. */
  readonly sessions: Sessions
  /** Mounted after it, in this order; `sessions` may be among them once more. */
  readonly others: readonly Sessions[]
}

/** An app that answers. */
export interface RunningApp {
  /** Where it listens, such as `http://127.0.0.1:8080`; or its fetch handler, to call in process. */
  readonly at: string | ((request: Request) => Response | Promise<Response>)
  /** Stops it; open connections end. */
  close(): Promise<void>
}

/**
 * Starts an app with nothing in it but the binding and the routes.
 *
 * @param routes What the app answers.
 * @param mounted The middlewares in front of them.
 */
export type StartBinding = (routes: Routes, mounted: Mounted) => Promise<RunningApp>

/**
 * A way of answering that one framework has, in its own terms; held to what holds for every answer.
 */
export interface NativeCase {
  /** What the app does, in plain words. */
  readonly name: string
  /**
   * Starts an app whose `GET /` awaits `act` with the request's session and answers as the name
   * says. What `act` rejects with is not to be caught.
   *
   * @param sessions To be mounted.
   * @param act What the route awaits.
   */
  readonly start: (
    sessions: Sessions,
    act: (session: Session) => Promise<void>,
  ) => Promise<RunningApp>
  /** The status that it answers with. */
  readonly status: number
  /** The reason phrase, where the app sets one. */
  readonly statusText?: string
  /** The body, where the framework does not make it up. */
  readonly body?: string
  /** Headers of the app's own that arrive, by lower-case name; of Set-Cookie, each. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  /** True: `act` is awaited when the headers have left. */
  readonly late?: boolean
}

/** What the suite needs of a binding. */
export interface BindingUnderTest {
  /** How an app with the binding is started; once for each case. */
  readonly start: StartBinding
  /** The framework's own ways of answering. Default: none. */
  readonly native?: readonly NativeCase[]
  /**
   * The store of one case, which closes it. Several may share a database, which holds nothing of an
   * earlier run.
   * Default: `memoryStore()`.
   */
  readonly createStore?: () => SessionStore | Promise<SessionStore>
}

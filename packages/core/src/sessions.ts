import { assertKeys, own, refuse } from './check.ts'
import { readData } from './content.ts'
import type { Data } from './data.ts'
import { diagnose, type DiagnosableRequest, type Diagnosis } from './diagnose.ts'
import { createEngine } from './engine.ts'
import { takeFence, type Fence } from './fence.ts'
import { EVERYONE, userGroup, type Federation, type RevokeTarget } from './groups.ts'
import { detailsOf, listSessions, type SessionDetails, type SessionInfo } from './listing.ts'
import { resolveOptions, type SessionsOptions } from './options.ts'
import type { SessionRecord } from './record.ts'
import { RequestSession } from './request-session.ts'
import { liveRecord, revoke } from './revoke.ts'
import type { Session } from './session.ts'
import { identify, sendTouch, type SessionState } from './state.ts'
import { noTelemetry } from './telemetry.ts'
import type { Transport } from './transport.ts'

/**
 * All sessions of an app. Every call rejects with `ERR_STORE_UNAVAILABLE` if the store fails, and
 * with `ERR_CONFIG` for an argument that is wrong.
 */
export interface Sessions<D extends object = Data> {
  /**
   * The session of a request; a binding calls it by `loadSession`. A cookie that is forged,
   * malformed, expired or unknown is no error: the request is not signed in, and a `rejected` event
   * says why.
   *
   * @param transport The request and its response.
   * @throws SessionError `ERR_STORE_UNAVAILABLE`: answer 503. The cookie stays, nobody is signed out.
   * `ERR_DATA_INVALID` with the path, if stored data does not validate and `onInvalidData` is `reject`.
   */
  load(transport: Transport): Promise<Session<D>>
  /**
   * Ends all sessions of a user, with a tag, or of everybody: in one write, however many there are,
   * after which none of them is alive anywhere. Then deletes their records. Call it when an account
   * is disabled or its password was reset.
   *
   * @param target Whose sessions; a text is a user id.
   * @param options Whom to spare. Default: nobody.
   * @param options.except A session, or its id, to spare; ignored if that is not alive.
   * @returns The number of records deleted.
   * @throws SessionError `ERR_STORE_UNAVAILABLE`: call again; the message says if the revocation is
   * in effect already.
   * @see OWASP ASVS 5.0, 7.4.2 and 7.4.5
   */
  revokeAll(
    target: RevokeTarget,
    options?: { readonly except?: Session<D> | string },
  ): Promise<number>
  /**
   * The live sessions of a user, newest first. For an account page (ASVS 7.5.2).
   *
   * @param userId As it was given to `create`.
   */
  list(userId: string): Promise<SessionInfo[]>
  /**
   * The live session of an id, looked up in the store; with `userId`, only if it is theirs. For what
   * names a session by its id, such as an access token. One read, which stores gather with others.
   *
   * @param sessionId As `session.id` was.
   * @param options Whose it must be. Default: anybody's.
   * @returns Undefined if there is none, or it is over.
   */
  find(
    sessionId: string,
    options?: { readonly userId?: string },
  ): Promise<SessionDetails | undefined>
  /**
   * Ends one session from anywhere, by its id; with `userId`, only if it is theirs.
   *
   * @param sessionId As `list` shows it; from a request, it needs `userId` beside it.
   * @param options Whose it must be. Default: anybody's.
   * @returns Whether a live session was ended.
   */
  destroy(sessionId: string, options?: { readonly userId?: string }): Promise<boolean>
  /**
   * To be taken before credentials are checked and handed to `create`: a revocation that comes in
   * between ends the login too. Covers what the login will join.
   *
   * @param userId Who is about to sign in.
   * @param options What else the login is going to join. Default: nothing.
   * @param options.since For logins through a provider, which tells who it is only at their end: the
   * time before the code was exchanged for the ID token. Counted by the clocks of those who revoke;
   * one that is behind this clock misses as much.
   * @throws SessionError `ERR_SESSION_REVOKED` if anything that it covers was revoked at `since` or
   * later: start the login again.
   */
  fence(
    userId: string,
    options?: {
      readonly tags?: readonly string[]
      readonly federation?: Federation
      readonly since?: Date
    },
  ): Promise<Fence>
  /**
   * Says what it sees of a request: what its cookie amounts to and why nobody is signed in, and what
   * development has warned of. For a developer at the console or a support tool; not for the answer
   * to the request, whose sender it would tell why a cookie was refused. Reads the session once, and
   * changes, sends and reports nothing. With the store out of reach it says so and does not reject.
   *
   * @param request The Web's `Request` (in Hono `c.req.raw`), or Node's or Express's.
   * @example
   * ```ts
   * console.log(await sessions.diagnose(req))
   * ```
   */
  diagnose(request: DiagnosableRequest): Promise<Diagnosis>
  /**
   * Sends what is waiting to be written, ends the store's feed and aborts every `session.signal`, as
   * nobody watches any more. A store that you passed in stays open: it is yours.
   */
  close(): Promise<void>
}

/**
 * Creates the sessions of an app. Options are checked here, once.
 *
 * @param options `secrets` at least.
 * @throws SessionError `ERR_CONFIG`, naming every mistake and no value.
 * @example
 * ```ts
 * import { createSessions } from '@adjourn/core'
 * import { mongoStore } from '@adjourn/mongodb'
 *
 * const sessions = createSessions<{ cart: string[] }>({
 *   secrets: process.env.SESSION_SECRET!,
 *   store: mongoStore(db),
 * })
 * ```
 */
export function createSessions<D extends object = Data>(options: SessionsOptions<D>): Sessions<D> {
  const engine = createEngine(resolveOptions(options))
  const { telemetry } = engine.options

  // By `then`, not by class: an app may have another Promise than the async functions here.
  function begin(transport: Transport): Session<D> | Promise<Session<D>> {
    const state = identify(engine, transport.header('cookie'))
    return 'then' in state ? state.then((found) => open(transport, found)) : open(transport, state)
  }

  function open(transport: Transport, state: SessionState): Session<D> | Promise<Session<D>> {
    sendTouch(engine, state, transport)
    const data = state.kind === 'live' ? readData(engine, state.record.data) : undefined
    return typeof data === 'object'
      ? data.then((read) => new RequestSession<D>(engine, transport, state, read))
      : new RequestSession<D>(engine, transport, state, data)
  }

  const sessions: Sessions<D> = {
    load: (transport) => telemetry.span('load', async () => begin(transport)),
    async revokeAll(target, given) {
      assertKeys(given, ['except'], 'revokeAll')
      const { except } = own(given)
      if (except === undefined) return revoke(engine, target)
      if (typeof except !== 'string' && !(except instanceof RequestSession)) {
        refuse(['except must be a session or its id'])
      }
      const id = typeof except === 'string' ? except : except.id
      return revoke(engine, target, { id, required: false })
    },
    list: async (userId) => listSessions(engine, userId),
    async find(sessionId, given) {
      assertKeys(given, ['userId'], 'find')
      const { userId } = own(given)
      const user = userId === undefined ? [] : [userGroup(userId)]
      const record = await liveRecord(engine, sessionId, [EVERYONE, ...user])
      return record !== undefined && isOwned(record, given) ? detailsOf(engine, record) : undefined
    },
    async destroy(sessionId, given) {
      assertKeys(given, ['userId'], 'destroy')
      const record = await liveRecord(engine, sessionId)
      if (record === undefined || !isOwned(record, given)) return false
      if (!(await engine.store.delete(sessionId))) return false
      const about = record.userId === undefined ? {} : { userId: record.userId }
      engine.emit({ type: 'ended', reason: 'revoked', at: engine.now(), sessionId, ...about })
      return true
    },
    async fence(userId, given = {}) {
      assertKeys(given, ['tags', 'federation', 'since'], 'fence')
      return takeFence(engine, own({ ...given, userId }))
    },
    diagnose: async (request) => diagnose(sessions, engine, request),
    async close() {
      engine.signals.close()
      // A feed that does not end in order is the store's; what waits is to be sent all the same.
      await engine.feed.close().catch(() => {})
      await engine.touches.close()
    },
  }
  if (telemetry === noTelemetry) atOnce.set(loadOf(sessions), begin)
  return sessions
}

type Begin = (transport: Transport) => Session<object> | Promise<Session<object>>

/** What is behind a `load`, where nothing has to follow it. */
const atOnce = new WeakMap<object, Begin>()

/**
 * What `load` does, for the bindings: a promise, or another thenable, only where there is something to
 * wait for, so that an anonymous request costs no turn. It rejects as `load` does, and never throws.
 *
 * @param sessions Whose session.
 * @param transport The request and its response.
 */
export function loadSession<D extends object>(
  sessions: Sessions<D>,
  transport: Transport,
): Session<D> | Promise<Session<D>> {
  const begin = atOnce.get(loadOf(sessions))
  if (begin === undefined) return sessions.load(transport)
  try {
    return begin(transport)
  } catch (error) {
    return Promise.reject(error)
  }
}

/** By the function itself: an app may have put one of its own in its place. */
const loadOf = (sessions: object): object => Reflect.get(sessions, 'load') as object

/** Whether a session is that user's; without options, whoever's it is. */
function isOwned(
  { userId }: SessionRecord,
  owner: { readonly userId?: string | undefined } | undefined,
): boolean {
  if (owner === undefined || !Object.hasOwn(owner, 'userId')) return true
  // `{ userId: session.userId }` of a visitor names nobody, and nobody owns a session.
  return owner.userId !== undefined && owner.userId === userId
}

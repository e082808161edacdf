import type { Clock, Data, RevokeTarget, Sessions } from '@adjourn/core'
import type { JWTPayload } from 'jose'
import { bySubject, strangeMember } from './default-subject.ts'
import { createEndpoint, isConfigError, readPost, tell } from './event-request.ts'
import { createOnce } from './once.ts'
import {
  CLOCK,
  FUNCTION,
  SECONDS,
  TEXT,
  checkOptions,
  isText,
  type OptionRule,
} from './check-options.ts'
import { keySource, type ProviderKeys } from './remote-keys.ts'
import {
  ALGORITHMS,
  DEFAULT_ALGORITHMS,
  Refusal,
  verifyToken,
  type Expected,
} from './signed-token.ts'
import { isSubject, type Subject } from './subject.ts'

/** What the transmitter says of a revocation, besides its subject. */
export interface RevokedEvent {
  /** When the sessions were revoked there, if it says so in a way that can be read. */
  readonly eventTimestamp: Date | undefined
  /** `admin`, `user`, `policy` or `system`, if it says so. */
  readonly initiatingEntity: string | undefined
}

/** Which sessions to end: as `revokeAll` takes it, one by its id, or none. */
export type RevokedTarget =
  | RevokeTarget
  | {
      /** The one session of this id, whoever's it is. */
      readonly sessionId: string
    }
  | undefined

/** What {@link sessionRevoked} takes. */
export interface SessionRevokedOptions {
  /** The transmitter's issuer identifier (`iss`), as in its configuration. */
  readonly issuer: string
  /** Your audience of the stream (`aud`). */
  readonly audience: string
  /** The transmitter's public keys: its `jwks_uri`, a key set, or a function. See `remoteKeys`. */
  readonly jwks: ProviderKeys
  /**
   * Which sessions a subject means; nothing for none of yours. Called once per event, and again if it
   * or the store fails. Default: an `iss_sub` of this very issuer, alone or as the only member of a
   * complex subject, means `federation: { issuer, subject }`; everything else means none, of which
   * `onError` is told.
   *
   * @param subject Whom or what the event is about.
   * @param event What else it says.
   */
  readonly resolve?: (
    subject: Subject,
    event: RevokedEvent,
  ) => RevokedTarget | Promise<RevokedTarget>
  /**
   * The transmitter's `critical_subject_members`: an event whose complex subject has one of them is
   * discarded, and `onError` told, unless `understood` names it too. Default: none.
   */
  readonly criticalMembers?: readonly string[]
  /** The members of complex subjects that `resolve` heeds. Default: `['user']`. */
  readonly understood?: readonly string[]
  /** The exact Authorization header that you gave the transmitter. Default: none is asked for. */
  readonly authorization?: string
  /** The algorithms that the transmitter signs with. Default: all that are asymmetric, which are the only ones to choose from. */
  readonly algorithms?: readonly string[]
  /**
   * The most seconds since an event was issued; 60 more are granted for clocks. No session lives
   * longer than its absolute timeout, so an older event has nothing to end: raise both together.
   * Default: 86 400.
   */
  readonly maxAge?: number
  /** Where the time comes from. For tests. Default: `Date`. */
  readonly clock?: Clock
  /**
   * Told why an event was refused or failed; or why nothing was done though it was acknowledged: its
   * subject is none that the default of `resolve` knows, or has a critical member that nobody
   * understands. Of the subject it names the format only.
   *
   * @param error Why.
   */
  readonly onError?: (error: unknown) => void
}

const NAMES: OptionRule = [
  (value) => Array.isArray(value) && value.every(isText),
  'an array of non-empty strings',
]

const OPTIONS = {
  issuer: TEXT,
  audience: TEXT,
  jwks: [(value: unknown) => value !== null, 'a URL, a key set or a function'],
  resolve: FUNCTION,
  criticalMembers: NAMES,
  understood: NAMES,
  authorization: TEXT,
  algorithms: ALGORITHMS,
  maxAge: SECONDS,
  clock: CLOCK,
  onError: FUNCTION,
} as const

const REVOKED = 'https://schemas.openid.net/secevent/caep/event-type/session-revoked'

/** What a transmitter sends of its own accord about the stream; there is nothing to do. */
const ABOUT_STREAM = new Set([
  'https://schemas.openid.net/secevent/ssf/event-type/verification',
  'https://schemas.openid.net/secevent/ssf/event-type/stream-updated',
])

/**
 * The endpoint to which a Shared Signals transmitter pushes CAEP events that sessions were revoked
 * elsewhere. Mount it for POST, ahead of anything that reads bodies, loads sessions or checks for
 * CSRF. Streams are set up by other means; verification events and updates of the stream are
 * acknowledged.
 *
 * | status | when |
 * | --- | --- |
 * | 202 | done, done before, or about none of your sessions |
 * | 400 | `invalid_request`, `invalid_key`, `invalid_issuer`, `invalid_audience`, or `authentication_failed`: the Authorization header is another |
 * | 503 | the store, the keys or `resolve` failed: to be sent again |
 *
 * An event has no expiry. It is done once per process, which remembers the last 100 000: another
 * process takes a replay within `maxAge`, which also ends what the user has started since. Ask for an
 * `authorization`, and only the transmitter can replay.
 *
 * @param sessions Whose sessions end.
 * @param options The transmitter, and whom its subjects mean.
 * @returns A handler that rejects only with `ERR_CONFIG`, for a request whose body was read before.
 * @throws SessionError `ERR_CONFIG`, naming every mistake.
 * @see https://openid.net/specs/openid-caep-1_0-final.html
 * @see https://www.rfc-editor.org/rfc/rfc8935
 * @example
 * ```ts
 * import { sessionRevoked } from '@adjourn/tokens'
 * import { Hono } from 'hono'
 *
 * declare const users: { byEmail(email: string): Promise<{ id: string } | undefined> }
 *
 * const revoked = sessionRevoked(sessions, {
 *   issuer: 'https://transmitter.example',
 *   audience: 'https://app.example',
 *   jwks: 'https://transmitter.example/jwks',
 *   resolve: async (subject) =>
 *     subject.format === 'email' ? (await users.byEmail(subject.email))?.id : undefined,
 * })
 * const app = new Hono().post('/events', (c) => revoked(c.req.raw))
 * ```
 */
export function sessionRevoked<D extends object = Data>(
  sessions: Pick<Sessions<D>, 'destroy' | 'revokeAll'>,
  options: SessionRevokedOptions,
): (request: Request) => Promise<Response> {
  checkOptions(options, OPTIONS, ['issuer', 'audience', 'jwks'])
  const { issuer, clock = Date, maxAge = 86_400, authorization } = options
  const expected: Expected = {
    keys: keySource(options.jwks, clock),
    algorithms: options.algorithms ?? DEFAULT_ALGORITHMS,
    issuer,
    audience: options.audience,
    typ: 'secevent+jwt',
    required: ['jti'],
    maxAge,
    clock,
  }
  const { criticalMembers = [], understood = ['user'], onError } = options
  const strangeIn = strangeMember(criticalMembers, understood)
  const { resolve = bySubject(issuer, onUnknown) } = options
  const once = createOnce()

  function onUnknown(what: string): void {
    const why = 'about a subject that the default mapping does not know'
    tell(onError, new Error(`The event was ${why}: ${what}`))
  }

  async function end(target: RevokedTarget | null): Promise<void> {
    if (target === undefined || target === null) return
    if (typeof target === 'object' && 'sessionId' in target) {
      await sessions.destroy(target.sessionId)
    } else {
      await sessions.revokeAll(target)
    }
  }

  async function receive(request: Request): Promise<void> {
    if (authorization !== undefined) await authenticate(request, authorization)
    const token = await readPost(request, 'application/secevent+jwt')
    const { payload } = await verifyToken(token, expected)
    const { jti, subject, event } = readEvent(payload)
    await once.run(jti, async () => {
      if (event === undefined) return
      const strange = strangeIn(subject)
      if (strange !== undefined) {
        const why = `nobody understands its critical member ${strange}`
        tell(onError, new Error(`The event was discarded: ${why}`))
        return
      }
      await end(await resolve(subject, event)).catch((error: unknown) => {
        // A name that no session can have. Of what the app has resolved, it is the app's mistake.
        if (!isConfigError(error) || options.resolve !== undefined) throw error
        throw new Refusal("The token's sub_id is not valid")
      })
    })
  }

  return createEndpoint({ receive, status: 202, failed, onError })
}

interface Received {
  readonly jti: string
  readonly subject: Subject
  /** Undefined: about the stream. */
  readonly event: RevokedEvent | undefined
}

function readEvent(payload: JWTPayload): Received {
  const { jti, events, sub_id: subject } = payload
  // What keeps this token from being taken for one of another kind.
  const strange = ['sub', 'exp'].find((claim) => claim in payload)
  if (strange !== undefined) throw new Refusal(`The token has a ${strange}`)
  if (!isText(jti)) throw new Refusal("The token's jti is not what it must be")
  if (!isSubject(subject)) throw new Refusal("The token's sub_id is not a subject")
  const [[type, event] = [], ...more] = Object.entries(Object(events) as Record<string, unknown>)
  if (type === undefined || more.length > 0 || !isObject(event)) {
    throw new Refusal('The token must have one event')
  }
  if (ABOUT_STREAM.has(type)) return { jti, subject, event: undefined }
  if (type !== REVOKED) throw new Refusal('The event is not about revoked sessions')
  return { jti, subject, event: readRevoked(event) }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function readRevoked(event: Record<string, unknown>): RevokedEvent {
  const { event_timestamp: seconds, initiating_entity: entity } = event
  const at = new Date(typeof seconds === 'number' ? seconds * 1000 : Number.NaN)
  return {
    // It is optional: one that is no time is not worth leaving the sessions alive for.
    eventTimestamp: Number.isNaN(at.getTime()) ? undefined : at,
    initiatingEntity: isText(entity) ? entity : undefined,
  }
}

class Unauthenticated extends Error {}

async function authenticate(request: Request, wanted: string): Promise<void> {
  const given = request.headers.get('authorization') ?? ''
  const [one, other] = await Promise.all([given, wanted].map(digest))
  // Of digests, so that the time it takes says nothing of the text.
  if (one !== other) throw new Unauthenticated('The Authorization header is another')
}

async function digest(text: string): Promise<string> {
  return new Uint8Array(
    await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)),
  ).join()
}

function failed(error: unknown): Response {
  const headers = { 'cache-control': 'no-store', 'content-language': 'en' }
  if (error instanceof Unauthenticated) {
    // With nothing of what is wanted: that is a secret.
    const body = { err: 'authentication_failed', description: error.message }
    return Response.json(body, { status: 400, headers })
  }
  if (error instanceof Refusal) {
    const body = { err: `invalid_${error.about}`, description: error.message }
    return Response.json(body, { status: 400, headers })
  }
  return new Response(null, { status: 503, headers: { 'cache-control': 'no-store' } })
}

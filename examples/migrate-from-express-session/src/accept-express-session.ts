import { SessionError, type Sessions } from '@adjourn/core'
import { sessionOf } from '@adjourn/express'
import type { Request, RequestHandler, Response } from 'express'
import type { Db } from 'mongodb'
import { readOldCookie, tagOf } from './old-cookie.ts'
import { openOldRecords, type OldRecord } from './old-records.ts'

/** Who is signed in by an old session, and what the new one is to hold. */
export interface OldUser<D extends object> {
  readonly userId: string
  readonly data?: Partial<D>
  /** Groups that can be revoked together: those that a login would give the session. */
  readonly tags?: readonly string[]
}

export interface AcceptOptions<D extends object> {
  readonly db: Db
  /** Of connect-mongo. Adjourn's is another. */
  readonly collection: string
  /** All that have signed old cookies. */
  readonly secrets: readonly string[]
  /** As the old app had it. Default: `connect.sid`, at `/`, for this host only. */
  readonly cookie?: { readonly name?: string; readonly path?: string; readonly domain?: string }
  /**
   * When the first node began to run this, or earlier. Whoever was revoked since, by a change of
   * password or by `revokeAll`, has no old session any more.
   */
  readonly cutOver: Date
  /** From then on no old cookie is accepted. */
  readonly until: Date
  /**
   * Reads what the old app kept in a session, which is whatever the database holds. Undefined: nobody
   * is signed in.
   */
  userOf(old: Readonly<Record<string, unknown>>): OldUser<D> | undefined
  /** Whether this user still exists and may sign in. */
  mayEnter(userId: string): Promise<boolean>
}

export interface OldSessions {
  /** Makes a session of Adjourn's from an old one, once. Mount it after `session(sessions)`. */
  readonly accept: RequestHandler
  /** Ends the old session that a request brings along. Call it at each login and logout. */
  end(req: Request, res: Response): Promise<void>
}

/** `gone`: over, or another request has just taken it; which, nobody can tell. */
type Outcome = 'converted' | 'refused' | 'gone'

/** Keeps the users of express-session and connect-mongo signed in. */
export function acceptExpressSession<D extends object>(
  sessions: Sessions<D>,
  options: AcceptOptions<D>,
): OldSessions {
  const { name = 'connect.sid', ...scope } = options.cookie ?? {}
  // Browsers take a prefixed name, even for its deletion, only from a cookie that is Secure.
  const deletion = { ...scope, secure: name.startsWith('__') }
  const { secrets, cutOver, until } = options
  const records = openOldRecords(options.db, options.collection)
  const idOf = (req: Request) => readOldCookie(req.headers.cookie, { name, secrets })

  async function convert(req: Request, id: string): Promise<Outcome> {
    const found = await records.find(id)
    if (found === undefined) return 'gone'
    const user = options.userOf(contentOf(found))
    if (user === undefined) return 'refused'
    const { userId, data = {} } = user
    const tags = [...(user.tags ?? []), tagOf(id)]
    // Before the account is looked at, and before anything is taken away: what fails until here is
    // tried again with the next request.
    const fence = await unlessRevoked(sessions.fence(userId, { tags, since: cutOver }))
    if (fence === undefined || !(await options.mayEnter(userId))) {
      await records.delete(id)
      return 'refused'
    }
    // Of several requests and copies of the cookie one comes through here.
    if (!(await records.take(found))) return 'gone'
    const created = sessionOf(req, sessions).create({ userId, data, tags, fence })
    return (await unlessRevoked(created.then(() => 'converted' as const))) ?? 'refused'
  }

  /** Whether the request is answered. */
  async function accept(req: Request, res: Response): Promise<boolean> {
    const isSignedIn = sessionOf(req, sessions).userId !== undefined
    const isDue = !isSignedIn && isNavigation(req) && new Date() < until
    const id = isDue ? idOf(req) : undefined
    if (id === undefined) return false
    const outcome = await convert(req, id)
    res.clearCookie(name, deletion)
    const isAnswered = outcome === 'gone' && mayAskAgain(req)
    if (isAnswered) askAgain(req, res)
    return isAnswered
  }

  return {
    accept(req, res, next) {
      // No async handler: Express 4 does not look at what becomes of one.
      const goOn = (isAnswered: boolean): void => {
        if (!isAnswered) next()
      }
      accept(req, res).then(goOn, next)
    },
    async end(req, res) {
      const id = idOf(req)
      if (id === undefined) return
      await records.delete(id)
      // Another request may have taken the record just now, and be about to sign in.
      await sessions.revokeAll({ tag: tagOf(id) })
      res.clearCookie(name, deletion)
    },
  }
}

/** Undefined in place of a rejection because of a revocation. */
async function unlessRevoked<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (error instanceof SessionError && error.code === 'ERR_SESSION_REVOKED') return undefined
    throw error
  }
}

/** What the old app kept; nothing, where that cannot be read. */
function contentOf({ session }: OldRecord): Readonly<Record<string, unknown>> {
  try {
    const content: unknown = typeof session === 'string' ? JSON.parse(session) : session
    return Object(content) as Record<string, unknown>
  } catch {
    return {}
  }
}

/**
 * Late answers to a page's scripts must not replace the cookie of a login that came meanwhile, so that
 * they get none. Clients that are no browsers do not name a mode.
 */
function isNavigation(req: Request): boolean {
  return ['navigate', undefined].includes(req.get('sec-fetch-mode'))
}

const ASKED = 'asked-again'

/**
 * A browser that opens several pages at once has one of them take the session, and all get its
 * cookie. The others ask again, once: without the old cookie, and by then with the new one.
 */
function mayAskAgain(req: Request): boolean {
  const isAsked = req.headers.cookie?.includes(`${ASKED}=`) ?? false
  const isPage = req.method === 'GET' && req.get('sec-fetch-mode') === 'navigate'
  // A request may name another site in full; browsers do not.
  return isPage && !isAsked && req.originalUrl.startsWith('/')
}

function askAgain(req: Request, res: Response): void {
  // In case the old cookie cannot be deleted, as of another path than was said.
  res.cookie(ASKED, '1', { maxAge: 10_000, httpOnly: true, sameSite: 'lax' })
  // Two slashes at the start would lead to another site.
  res.set('cache-control', 'no-store').redirect(307, req.originalUrl.replace(/^[/\\]+/, '/'))
}

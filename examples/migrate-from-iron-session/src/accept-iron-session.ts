import { SessionError, type Sessions } from '@adjourn/core'
import { sessionOf } from '@adjourn/express'
import type { Request, RequestHandler, Response } from 'express'
import type { Db } from 'mongodb'
import { readOldCookie, type OldCookie } from './old-cookie.ts'
import { openUsedCookies } from './used-cookies.ts'

/** Who is signed in by an old session, and what the new one is to hold. */
export interface OldUser<D extends object> {
  readonly userId: string
  readonly data?: Partial<D>
  /** Groups that can be revoked together: those that a login would give the session. */
  readonly tags?: readonly string[]
  /** When they signed in, if the old app has written it into the session. Default: `cutOver`. */
  readonly signedInAt?: Date
}

export interface AcceptOptions<D extends object> {
  readonly db: Db
  /** Where used cookies are remembered. Default: `used_old_cookies`. */
  readonly collection?: string
  /** What sealed the old cookies: one password, or several by their number. */
  readonly password: string | Record<string, string>
  /** As the old app had it; the path is `/` by default. */
  readonly cookie: { readonly name: string; readonly path?: string; readonly domain?: string }
  /**
   * When the first node began to run this, or earlier. Whoever was revoked since, by a change of
   * password or by `revokeAll`, has no old session any more.
   */
  readonly cutOver: Date
  /** From then on no old cookie is accepted. */
  readonly until: Date
  /**
   * Reads what the old app kept in a session. Undefined: nobody is signed in.
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

/** `used`: long ago, or by another request just now; which, nobody can tell. */
type Outcome = 'converted' | 'refused' | 'used'

/** Keeps the users of iron-session 8 and 9 signed in. */
export function acceptIronSession<D extends object>(
  sessions: Sessions<D>,
  options: AcceptOptions<D>,
): OldSessions {
  const { name, ...scope } = options.cookie
  // Browsers take a prefixed name, even for its deletion, only from a cookie that is Secure.
  const deletion = { ...scope, secure: name.startsWith('__') }
  const { password, cutOver, until } = options
  const usedCookies = openUsedCookies(options.db, options.collection ?? 'used_old_cookies', until)
  const read = (req: Request) => readOldCookie(req.headers.cookie, { name, password })

  async function convert(req: Request, old: OldCookie): Promise<Outcome> {
    const user = options.userOf(old.content)
    if (user === undefined) return 'refused'
    if (await usedCookies.has(old)) return 'used'
    const { userId, data = {}, signedInAt: since = cutOver } = user
    const tags = [...(user.tags ?? []), tagOf(old)]
    // Before the account is looked at, and before the cookie is used up: what fails until here is
    // tried again with the next request.
    const fence = await unlessRevoked(sessions.fence(userId, { tags, since }))
    if (fence === undefined || !(await options.mayEnter(userId))) {
      await usedCookies.use(old)
      return 'refused'
    }
    // Of several requests and copies of the cookie one comes through here.
    if (!(await usedCookies.use(old))) return 'used'
    const created = sessionOf(req, sessions).create({ userId, data, tags, fence })
    return (await unlessRevoked(created.then(() => 'converted' as const))) ?? 'refused'
  }

  /** Whether the request is answered. */
  async function accept(req: Request, res: Response): Promise<boolean> {
    const isSignedIn = sessionOf(req, sessions).userId !== undefined
    const isDue = !isSignedIn && isNavigation(req) && new Date() < until
    const old = isDue ? await read(req) : undefined
    if (old === undefined) return false
    const outcome = await convert(req, old)
    res.clearCookie(name, deletion)
    const isAnswered = outcome === 'used' && mayAskAgain(req)
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
      const old = await read(req)
      if (old === undefined) return
      await usedCookies.use(old)
      // Another request may have used it just now, and be about to sign in.
      await sessions.revokeAll({ tag: tagOf(old) })
      res.clearCookie(name, deletion)
    },
  }
}

/** What the session made from an old one is a member of. */
const tagOf = ({ digest }: OldCookie): string => `old:${digest}`

/** Undefined in place of a rejection because of a revocation. */
async function unlessRevoked<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (error instanceof SessionError && error.code === 'ERR_SESSION_REVOKED') return undefined
    throw error
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

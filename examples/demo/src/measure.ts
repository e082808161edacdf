import { setTimeout as delay } from 'node:timers/promises'
import { deletes, openBrowser, type Browser } from './browser.ts'

/** How long the slow requests take. */
export const SLOW_MS = 500
/** How long a slow request has to read its session before the logout starts. */
const HEAD_START_MS = 100
/** How long a store may take to do what was not awaited. */
const SETTLE_MS = 100
export const TRIES = 20
/** So few at once that a machine with other work answers a logout within a slow request, as a rule. */
const AT_ONCE = 10
const MOST_ROUNDS = 6

/** One app, as its clients know it. */
export interface Site {
  readonly name: string
  readonly url: string
  readonly cookie: string
  hasRecord(session: string): Promise<boolean>
}

export interface LogoutWay {
  readonly code: string
  readonly site: Site
  readonly path: string
}

export interface Visitor {
  readonly user: string
  readonly password: string
  readonly stop: AbortSignal
}

export interface LogoutOutcome {
  /** The status of the reply; 0: none came. */
  readonly status: number
  readonly deletionCookie: boolean
  readonly recordAtReply: boolean
  readonly recordLater: boolean
  readonly cookieWorks: boolean
  readonly races: readonly Race[]
}

/** A logout during a slow request that saves when it ends. */
interface Race {
  /** Whether the logout signed out, the slow request being under way still. */
  readonly signedOut: boolean
  /** Whether the cookie works once the slow request is done. */
  readonly back: boolean
}

export async function measureLogout(way: LogoutWay, visitor: Visitor): Promise<LogoutOutcome> {
  const { site } = way
  const browser = await signIn(site, visitor)
  const before = browser.copy()
  const { session } = await whoami(browser)
  const reply = await browser.post(way.path)
  const recordAtReply = await site.hasRecord(session)
  await delay(SETTLE_MS)
  return {
    status: reply.status,
    deletionCookie: reply.setCookies.some((line) => deletes(line, site.cookie)),
    recordAtReply,
    recordLater: await site.hasRecord(session),
    cookieWorks: await isSignedIn(before),
    races: await race(way, visitor),
  }
}

/** Only tries in which the two requests did meet are counted. */
async function race(way: LogoutWay, visitor: Visitor): Promise<Race[]> {
  const met: Race[] = []
  for (let round = 0; round < MOST_ROUNDS && met.length < TRIES; round++) {
    const length = Math.min(AT_ONCE, TRIES - met.length)
    const signIns = Array.from({ length }, () => signIn(way.site, visitor))
    const tries = (await Promise.all(signIns)).map((browser) => raceOnce(way, browser))
    met.push(...(await Promise.all(tries)).filter((outcome) => outcome !== undefined))
  }
  return met
}

async function raceOnce(way: LogoutWay, browser: Browser): Promise<Race | undefined> {
  // Never used itself, only copied: a reply to any other may take its cookie away.
  const before = browser.copy()
  let isUnderWay = true

  async function saveSlowly(): Promise<boolean> {
    const { status } = await before.copy().post('/slow')
    isUnderWay = false
    // Sent to the sign-in page: it came too late to find a session.
    return status !== 303
  }
  async function logOutMeanwhile(): Promise<{ signedOut: boolean; inTime: boolean }> {
    await delay(HEAD_START_MS)
    await browser.post(way.path)
    const signedOut = !(await isSignedIn(before.copy()))
    return { signedOut, inTime: isUnderWay }
  }

  const [found, { signedOut, inTime }] = await Promise.all([saveSlowly(), logOutMeanwhile()])
  const back = await isSignedIn(before.copy())
  return found && inTime ? { signedOut, back } : undefined
}

export interface PasswordOutcome {
  readonly status: number
  readonly firstSignedIn: boolean
  readonly firstOldCookieWorks: boolean
  readonly secondSignedIn: boolean
  readonly secondRecord: boolean
}

/** The first browser changes the password while the second is signed in, too, on the other app. */
export async function measurePasswordChange(
  sites: { readonly first: Site; readonly second: Site },
  visitor: Visitor,
  next: string,
): Promise<PasswordOutcome> {
  const first = await signIn(sites.first, visitor)
  const second = await signIn(sites.second, visitor)
  const firstBefore = first.copy()
  const { session } = await whoami(second)
  const { status } = await first.post('/password', { current: visitor.password, next })
  return {
    status,
    secondRecord: await sites.second.hasRecord(session),
    secondSignedIn: await isSignedIn(second),
    firstSignedIn: await isSignedIn(first),
    firstOldCookieWorks: await isSignedIn(firstBefore),
  }
}

export async function signIn(site: Site, { user, password, stop }: Visitor): Promise<Browser> {
  const browser = openBrowser(site.url, stop)
  const { status } = await browser.post('/login', { user, password })
  if (!(await isSignedIn(browser))) throw new Error(`${site.name}: the login failed (${status})`)
  return browser
}

interface Identity {
  readonly user: string | null
  readonly session: string
}

export async function whoami(browser: Browser): Promise<Identity> {
  const { status, body } = await browser.get('/whoami')
  if (status !== 200) throw new Error(`GET /whoami failed (${status || 'no reply'})`)
  return JSON.parse(body) as Identity
}

async function isSignedIn(browser: Browser): Promise<boolean> {
  return (await whoami(browser)).user !== null
}

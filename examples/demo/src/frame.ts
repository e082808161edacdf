import type { Session } from '@adjourn/core'
import { isAdmin, type Framework, type Ports } from './demo.ts'
import type { Frame } from './pages/layout.ts'
import type { AppData } from './sessions.ts'

export interface Visit {
  readonly framework: Framework
  readonly ports: Ports
  /** The Host header: anything. */
  readonly host: string | undefined
  readonly method: string
  readonly path: string
}

/** What is around a page, whatever it shows. */
export function frameOf({ framework, ports, host, method, path }: Visit): Frame {
  const other = framework === 'Express' ? 'Hono' : 'Express'
  // Cookies belong to a host: the link must stay on the one that the browser knows this app by.
  const hostname = host?.startsWith('localhost:') ? 'localhost' : '127.0.0.1'
  return {
    framework,
    // Where a form was posted to there is no page to link to.
    path: method === 'GET' ? path : '/',
    other,
    otherOrigin: `http://${hostname}:${ports[other]}`,
    isAdmin: false,
  }
}

/** The same for who is signed in, if that is known. */
export function userFrame(frame: Frame, session: Session<AppData> | undefined): Frame {
  if (session?.userId === undefined) return frame
  return { ...frame, user: session.userId, isAdmin: isAdmin(session) }
}

/** With the message, too, that the last request left for this one. */
export async function signedInFrame(frame: Frame, session: Session<AppData>): Promise<Frame> {
  const signedIn = userFrame(frame, session)
  if (signedIn.user === undefined) return frame
  const notice = await session.flash<string>('notice')
  return notice === undefined ? signedIn : { ...signedIn, notice }
}

/** Whose session this is, in handlers that only the signed-in reach. */
export function userOf({ userId }: Session<AppData>): string {
  if (userId === undefined) throw new TypeError('Nobody is signed in')
  return userId
}

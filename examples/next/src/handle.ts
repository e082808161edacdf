import type { Session } from '@adjourn/core'
import { isFromElsewhere } from '@adjourn/example-accounts/same-origin'
import { withSession } from '@adjourn/fetch'
import { sessions } from './sessions.ts'

type Handler = (request: Request, session: Session) => Response | Promise<Response>

/** What every route handler of the app goes through: a session, and no requests of other pages. */
export function handle(handler: Handler): (request: Request) => Promise<Response> {
  return withSession(sessions, (request, session) => {
    const header = (name: string): string | undefined => request.headers.get(name) ?? undefined
    if (isFromElsewhere(request.method, header)) return refuse(403, 'FROM_ELSEWHERE')
    return handler(request, session)
  })
}

export const refuse = (status: number, error: string): Response =>
  Response.json({ error }, { status })

/** The body of a request; undefined: it is no JSON. */
export async function readJson(request: Request): Promise<unknown> {
  return request.json().catch(() => undefined)
}

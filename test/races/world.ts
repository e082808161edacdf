import { memoryStore, SessionError } from '@adjourn/core'
import type { Session, SessionRecord, Sessions, SessionStore } from '@adjourn/core'
import type { QueuedHeaders } from '@adjourn/core/binding'
import { clock, Stage } from './stage.ts'

/** A browser with its cookie, and the session it got before the race. */
export interface Party {
  readonly cookie: string
  readonly id: string
}

/** How one request of a race ended. */
export interface Answer {
  readonly error: string | undefined
  readonly queued: QueuedHeaders | undefined
}

/** Users, browsers and sessions as they are before a race. */
export interface World {
  readonly user: string
  /** What the two sessions of the user are tagged with. */
  readonly tag: string
  /** Two browsers of the user, one of somebody else, one that is anonymous. */
  readonly a: Party
  readonly b: Party
  readonly stranger: Party
  readonly visitor: Party
  readonly records: readonly SessionRecord[]
  /** When the race begins. */
  readonly at: number
}

/** One request: load, handle, answer. A rejection's code is the answer's error. */
export async function request(
  sessions: Sessions,
  cookie: string | undefined,
  handle: (session: Session) => Promise<unknown>,
): Promise<Answer> {
  let queued: QueuedHeaders | undefined
  let error: string | undefined
  const transport = {
    header: (name: string): string | undefined => (name === 'cookie' ? cookie : 'cors'),
    headersSent: () => false,
    queue: (headers: QueuedHeaders) => {
      queued = headers
    },
  }
  try {
    await handle(await sessions.load(transport))
  } catch (thrown) {
    if (!(thrown instanceof SessionError)) throw thrown
    error = thrown.code
  }
  return { error, queued }
}

/** The cookie that an answer hands out, if it does. */
export function cookieOf({ queued }: Answer): string | undefined {
  const setCookie = queued?.setCookie
  return setCookie?.includes('Max-Age=0') ? undefined : setCookie?.split(';')[0]
}

export async function isAlive(sessions: Sessions, cookie: string): Promise<boolean> {
  let active = false
  await request(sessions, cookie, async (session) => {
    active = session.active
  })
  return active
}

let worlds = 0

export async function createWorld(): Promise<World> {
  const user = `ann-${process.pid}-${worlds++}`
  const tag = `of-${user}`
  const records: SessionRecord[] = []
  const store = memoryStore({ maxSessions: 100 })
  const insert = store.insert.bind(store)
  store.insert = async (record) => {
    records.push(structuredClone(record))
    return insert(record)
  }
  const stage = new Stage()
  stage.enter('world', store)
  const sessions = stage.sessions('world')

  async function party(start: (session: Session) => Promise<void>): Promise<Party> {
    const answer = await request(sessions, undefined, start)
    clock.advance(1)
    return { cookie: cookieOf(answer) ?? '', id: records.at(-1)?.id ?? '' }
  }
  const signIn = (session: Session): Promise<void> => session.create({ userId: user, tags: [tag] })
  return {
    user,
    tag,
    a: await party(signIn),
    b: await party(signIn),
    stranger: await party((session) => session.create({ userId: `not-${user}` })),
    visitor: await party(async (session) => {
      session.data['cart'] = 1
      await session.save()
    }),
    records,
    at: clock.now() + 100_000,
  }
}

/** Puts a world's sessions into a store that does not have them. */
export async function plant({ records }: World, store: SessionStore): Promise<void> {
  for (const record of records) await store.insert(record)
}

/** Nodes of an app on one database, and the browsers that visit them, without HTTP in between. */
import {
  createSessions,
  type Session,
  type SessionRecord,
  type Sessions,
  type SessionStore,
} from '@adjourn/core'
import { manualClock, type ManualClock } from '@adjourn/core/testing'
import { mongoStore } from '@adjourn/mongodb'
import { MongoClient, type CommandStartedEvent, type MongoClientOptions } from 'mongodb'
import { settle, TIMEOUT } from './outcome.ts'
import { until } from './waiting.ts'

const SECRET = 'the-secret-of-the-tests-of-faults'
export const DATABASE = `faults-${process.pid}`

// Of all nodes: core's time is none of the database's business.
const clock: ManualClock = manualClock()

export interface AppNode extends AsyncDisposable {
  readonly client: MongoClient
  readonly store: SessionStore
  readonly sessions: Sessions
  /** Runs something as the next command of this name is sent. */
  onNext(name: string, run: () => Promise<void>): Promise<void>
  /** The commands of these names that were sent since `forget`, in order. */
  commands(...names: readonly string[]): CommandStartedEvent[]
  forget(): void
}

export interface AppOptions {
  /** The store's bound, in seconds. */
  readonly timeout?: number
  /** What to put between the store and the sessions. */
  readonly wrap?: (store: SessionStore) => SessionStore
}

/** With the driver's defaults. */
export async function startApp(
  uri: string,
  { timeout = TIMEOUT, wrap = (store) => store }: AppOptions = {},
): Promise<AppNode> {
  const options: MongoClientOptions = { monitorCommands: true }
  const client = new MongoClient(uri, options)
  let events: CommandStartedEvent[] = []
  client.on('commandStarted', (event) => {
    if (event.databaseName === DATABASE) events.push(event)
  })
  await client.connect()
  const store = wrap(mongoStore(client.db(DATABASE), { timeout }))
  return {
    client,
    store,
    sessions: createSessions({ secrets: SECRET, store, clock }),
    commands: (...names) => events.filter(({ commandName }) => names.includes(commandName)),
    onNext: (name, run) =>
      new Promise((resolve, reject) => {
        const listener = ({ commandName }: CommandStartedEvent): void => {
          if (commandName !== name) return
          client.off('commandStarted', listener)
          run().then(resolve, reject)
        }
        client.on('commandStarted', listener)
      }),
    forget() {
      events = []
    },
    async [Symbol.asyncDispose]() {
      await client.close()
    },
  }
}

/** Keeps the cookie it was given last. */
export class Browser {
  cookie = ''

  /** The session of a request that takes its time. */
  async load(app: Pick<AppNode, 'sessions'>): Promise<Session> {
    return this.visit(app, (session) => session)
  }

  /** One request; rejects as the handler does, and takes the answer's cookie all the same. */
  async visit<T>(
    { sessions }: Pick<AppNode, 'sessions'>,
    handle: (session: Session) => T | Promise<T>,
  ): Promise<T> {
    let setCookie: string | undefined
    try {
      const session = await sessions.load({
        header: (name) => (name === 'cookie' ? this.cookie : undefined),
        headersSent: () => false,
        queue: (headers) => {
          setCookie = headers.setCookie
        },
      })
      return await handle(session)
    } finally {
      if (setCookie !== undefined) this.cookie = cookieIn(setCookie)
    }
  }

  /** Who is signed in, asked until there is an answer; the cookie stays whatever that is. */
  async whoIs(app: Pick<AppNode, 'sessions'>): Promise<string | undefined> {
    const { userId } = await until('a read works', async () => {
      let session: Session | undefined
      await settle(async () => {
        session = await this.copy().load(app)
      })
      return session
    })
    return userId
  }

  /** Somebody who has stolen the cookie, or the back button. */
  copy(): Browser {
    const copy = new Browser()
    copy.cookie = this.cookie
    return copy
  }
}

const cookieIn = (setCookie: string): string =>
  setCookie.includes('Max-Age=0') ? '' : (setCookie.split(';')[0] ?? '')

let users = 0

export const newUser = (name = 'user'): string => `${name}-${users++}`

export async function signIn(app: AppNode, userId = newUser()): Promise<Browser> {
  const browser = new Browser()
  await browser.visit(app, (session) => session.create({ userId }))
  return browser
}

export async function signInMany(app: AppNode, count: number, userId?: string): Promise<Browser[]> {
  return inParallel(Array.from({ length: count }), () => signIn(app, userId))
}

/** A few at a time, until all are done. */
export async function inParallel<T, R>(
  items: readonly T[],
  run: (item: T, index: number) => Promise<R>,
  workers = 10,
): Promise<R[]> {
  const results: R[] = []
  const rest = items.entries()
  const worker = async (): Promise<void> => {
    for (const [index, item] of rest) results[index] = await run(item, index)
  }
  await Promise.all(Array.from({ length: workers }, worker))
  return results
}

let records = 0

/** A live session of a user as a login would store it, with no cookie that anybody has. */
function recordOf(userId: string): SessionRecord {
  const now = new Date(clock.now())
  const later = (seconds: number): Date => new Date(clock.now() + seconds * 1000)
  return {
    id: `direct-${records++}`.padEnd(22, '-'),
    secretHash: 'nobody has it',
    userId,
    groups: [
      { group: 'everyone', epoch: null },
      { group: `user:${userId}`, epoch: null },
    ],
    data: '{}',
    version: 1,
    createdAt: now,
    authenticatedAt: now,
    lastSeenAt: now,
    expiresAt: later(3600),
    endsAt: later(86_400),
  }
}

/** Fills the store with so many sessions of a user. */
export async function plant(store: SessionStore, userId: string, count: number): Promise<void> {
  await inParallel(Array.from({ length: count }), () => store.insert(recordOf(userId)), 100)
}

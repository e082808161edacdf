import { createSessions, memoryStore, type Session, type Sessions } from '@adjourn/core'
import type { SessionStore, SessionsOptions } from '@adjourn/core'
import { bySession, type Backend, type Client, type Framework } from '../measure/subject.ts'
import type { Open } from './registry.ts'
import { SECRET } from './secret.ts'

const CACHE: SessionsOptions['cache'] = { max: 10_000, maxAge: 60 }

/** Every option but `store` and `secrets` as it comes. */
export const onMemory: Open = (name, framework) => open(name, framework, memoryStore())

export const onSqlite: Open = async (name, framework, backend) => {
  const { sqliteStore } = await import('@adjourn/sqlite')
  return open(name, framework, sqliteStore(`${backend.folder}/${name}-${framework}.db`))
}

export const onMongodb: Open = async (name, framework, backend) =>
  open(name, framework, await mongodb(name, backend))

export const onMongodbCached: Open = async (name, framework, backend) =>
  open(name, framework, await mongodb(name, backend), { cache: CACHE })

async function mongodb(name: string, backend: Backend): Promise<SessionStore> {
  const { mongoStore } = await import('@adjourn/mongodb')
  return mongoStore(backend.db(name))
}

async function open(
  name: string,
  framework: Framework,
  store: SessionStore,
  options: Pick<SessionsOptions, 'cache'> = {},
): Promise<Awaited<ReturnType<Open>>> {
  const sessions = createSessions<Kept>({ store, secrets: SECRET, ...options })
  const client = await clientOf(sessions, framework)
  const close = async (): Promise<void> => {
    await sessions.close()
    await store.close?.()
  }
  return { name, framework, client, says: bySession, close }
}

interface Kept {
  note: string
}

/** The app as `@adjourn/hono` and `@adjourn/express` would have it. */
function clientOf(sessions: Sessions<Kept>, framework: Framework): Promise<Client> {
  return framework === 'hono' ? forHono(sessions) : forExpress(sessions)
}

async function forExpress(sessions: Sessions<Kept>): Promise<Client> {
  const { expressApp } = await import('./express-app.ts')
  const { session, sessionOf } = await import('@adjourn/express')
  return expressApp([session(sessions)], {
    who: (req) => sessionOf(req, sessions).userId,
    logIn: (req, _res, userId) => sessionOf(req, sessions).create({ userId }),
    logOut: (req) => sessionOf(req, sessions).end(),
    save: (req, _res, note) => save(sessionOf(req, sessions), note),
  })
}

async function forHono(sessions: Sessions<Kept>): Promise<Client> {
  const { honoApp } = await import('./hono-app.ts')
  const { session, sessionOf } = await import('@adjourn/hono')
  return honoApp([session(sessions)], {
    who: (c) => sessionOf(c, sessions).userId,
    logIn: (c, userId) => sessionOf(c, sessions).create({ userId }),
    logOut: (c) => sessionOf(c, sessions).end(),
    save: (c, note) => save(sessionOf(c, sessions), note),
  })
}

function save(session: Session<Kept>, note: string): Promise<void> {
  session.data.note = note
  return session.save()
}

import type { Context, MiddlewareHandler } from 'hono'
import { bySession } from '../measure/subject.ts'
import { loadPeer } from '../peers/load.ts'
import { honoApp } from './hono-app.ts'
import type { Open } from './registry.ts'
import { SECRET } from './secret.ts'

/** Of hono-sessions, what is used here. */
interface Peer {
  readonly sessionMiddleware: (options: {
    store: Store
    encryptionKey: string
    expireAfterSeconds: number
    cookieOptions: object
  }) => MiddlewareHandler
}

interface Store {
  getSessionById(id: string): Promise<object | null>
  createSession(id: string, data: object): Promise<void>
  persistSessionData(id: string, data: object): Promise<void>
  deleteSession(id: string): Promise<void>
}

interface Session {
  get(key: string): string | null
  set(key: string, value: string): void
  deleteSession(): void
}

const COOKIE = { path: '/', httpOnly: true, secure: true, sameSite: 'Lax' }

/** It has no store for MongoDB: this is the least that does what its port asks for. */
export const open: Open = async (name, framework, backend) => {
  const { sessionMiddleware } = await loadPeer<Peer>('hono-sessions')
  const collection = backend.db(name).collection<{ _id: string }>('sessions')
  const put = async (_id: string, data: object): Promise<void> => {
    await collection.replaceOne({ _id }, { ...data, _id }, { upsert: true })
  }
  const middleware = sessionMiddleware({
    store: {
      getSessionById: (_id) => collection.findOne({ _id }),
      createSession: put,
      persistSessionData: put,
      deleteSession: async (_id) => {
        await collection.deleteOne({ _id })
      },
    },
    encryptionKey: SECRET,
    expireAfterSeconds: 3600,
    cookieOptions: COOKIE,
  })
  const client = honoApp([middleware], {
    who: (c) => of(c).get('user') ?? undefined,
    logIn: async (c, user) => of(c).set('user', user),
    logOut: async (c) => of(c).deleteSession(),
    save: async (c, note) => of(c).set('note', note),
  })
  return { name, framework, client, says: bySession, close: async () => {} }
}

function of(c: Context): Session {
  return c.get('session') as Session
}

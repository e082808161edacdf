import type { Context, MiddlewareHandler } from 'hono'
import { bySession } from '../measure/subject.ts'
import { loadPeer } from '../peers/load.ts'
import { honoApp } from './hono-app.ts'
import type { Open } from './registry.ts'

/** Of @hono/session, what is used here. */
interface Peer {
  readonly useSession: (options: { secret: string }) => MiddlewareHandler
  readonly useSessionStorage: (storage: Storage) => MiddlewareHandler
}

interface Storage {
  get(id: string): Promise<Kept | null>
  set(id: string, value: Kept): void
  delete(id: string): void
}

interface Session {
  get(): Promise<Kept | null>
  update(change: Kept | ((before: Kept | null) => Kept)): Promise<void>
  delete(): void
}

interface Kept {
  user?: string
  note?: string
}

const SECRET = '4f'.repeat(32)

/** It has no store for MongoDB: this is the least that does what its port asks for. */
export const open: Open = async (name, framework, backend) => {
  const { useSession, useSessionStorage } = await loadPeer<Peer>('@hono/session')
  const collection = backend.db(name).collection<{ _id: string; value: Kept }>('sessions')
  // It awaits neither of the two writes.
  const writes = new Set<Promise<unknown>>()
  const track = (write: Promise<unknown>): void => {
    writes.add(write)
    void write.finally(() => writes.delete(write))
  }
  const storage: Storage = {
    get: async (id) => (await collection.findOne({ _id: id }))?.value ?? null,
    set: (_id, value) =>
      track(collection.updateOne({ _id }, { $set: { value } }, { upsert: true })),
    delete: (_id) => track(collection.deleteOne({ _id })),
  }
  const client = honoApp([useSessionStorage(storage), useSession({ secret: SECRET })], {
    who: async (c) => (await of(c).get())?.user,
    logIn: (c, user) => of(c).update({ user }),
    logOut: async (c) => {
      // Without this, the record stays.
      await of(c).get()
      of(c).delete()
    },
    save: (c, note) => of(c).update((before) => ({ ...before, note })),
  })
  const settled = (): Promise<unknown> => Promise.all(writes)
  return { name, framework, client, says: bySession, settled, close: async () => {} }
}

function of(c: Context): Session {
  return c.get('session') as Session
}

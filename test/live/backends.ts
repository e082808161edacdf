import { memoryStore, type SessionStore } from '@adjourn/core'
import { mongoStore } from '@adjourn/mongodb'
import { sqliteStore } from '@adjourn/sqlite'
import { MongoClient } from 'mongodb'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'

/** Where the nodes of one test keep their sessions, which nobody else uses. */
export interface Backend extends AsyncDisposable {
  /** The store of one more node. */
  store(): SessionStore
}

let collections = 0

/** Backends of nodes that are as far apart as they can be in one process. */
export const backends: Readonly<Record<string, (database: string) => Backend>> = {
  'the memory store': () => {
    const shared = memoryStore()
    return { store: () => shared, [Symbol.asyncDispose]: async () => {} }
  },
  SQLite: () => {
    const folder = mkdtempSync(join(tmpdir(), 'adjourn-live-'))
    const stores: SessionStore[] = []
    return {
      store() {
        const store = sqliteStore(join(folder, 'sessions.db'))
        stores.push(store)
        return store
      },
      async [Symbol.asyncDispose]() {
        for (const store of stores) await store.close?.()
        rmSync(folder, { recursive: true })
      },
    }
  },
  MongoDB: (database) => {
    const clients: MongoClient[] = []
    const collection = `sessions-${collections++}`
    return {
      store() {
        const client = new MongoClient(inject('mongodbUri'))
        clients.push(client)
        return mongoStore(client.db(database), { collection })
      },
      async [Symbol.asyncDispose]() {
        await clients[0]?.db(database).collection(collection).drop()
        await Promise.all(clients.map((client) => client.close()))
      },
    }
  },
}

import { memoryStore, type SessionStore } from '@adjourn/core'
import { mongoStore } from '@adjourn/mongodb'
import { sqliteStore } from '@adjourn/sqlite'
import { MongoClient, type Document } from 'mongodb'

export interface Backend {
  readonly store: SessionStore
  /** What only this kind of store can suffer. */
  readonly fault: () => Promise<void>
  /** What it holds elsewhere: cursors, connections, listeners. */
  readonly held: () => Promise<Readonly<Record<string, number>>>
  readonly close: () => Promise<void>
}

interface Status {
  readonly connections: { readonly current: number }
  readonly metrics: { readonly cursor: { readonly open: { readonly total: number } } }
}

export async function openBackend(kind: string, place: string): Promise<Backend> {
  if (kind === 'MongoDB') return openMongo(place)
  const store = kind === 'SQLite' ? sqliteStore(place) : memoryStore()
  return {
    store,
    fault: async () => {},
    held: async () => ({}),
    close: async () => store.close?.(),
  }
}

async function openMongo(uri: string): Promise<Backend> {
  const client = await new MongoClient(uri, { appName: 'soak', maxPoolSize: 10 }).connect()
  const admin = client.db('admin')
  const store = mongoStore(client.db('soak'))
  await store.ensureIndexes()
  const failCommands = ['find', 'update', 'insert', 'delete', 'findAndModify', 'getMore']
  const faults: readonly Document[] = [
    { failCommands, closeConnection: true },
    { failCommands, errorCode: 11_602 },
    { failCommands: ['find'], blockConnection: true, blockTimeMS: 200 },
  ]
  return {
    store,
    fault: async () => {
      const data = { appName: 'soak', ...faults[Math.floor(Math.random() * faults.length)] }
      await admin.command({ configureFailPoint: 'failCommand', mode: { times: 3 }, data })
    },
    held: async () => {
      const { connections, metrics } = (await admin.command({ serverStatus: 1 })) as Status
      const listeners = client.eventNames().map((name) => client.listenerCount(name))
      return {
        cursors: metrics.cursor.open.total,
        connections: connections.current,
        'client listeners': listeners.reduce((sum, count) => sum + count, 0),
      }
    },
    close: async () => {
      await store.close()
      await client.close()
    },
  }
}

import { randomBytes } from 'node:crypto'
import { memoryStore, type SessionStore } from '@adjourn/core'
import { mongoStore } from '@adjourn/mongodb'
import { MongoStore as ConnectMongo } from 'connect-mongo'
import { MemoryStore, type Store as ClassicStore } from 'express-session'
import { MongoClient } from 'mongodb'
import { startMongod } from '../../../tools/mongod.ts'

/** Where the sessions of all three apps are, and a way to look at the records behind their backs. */
export interface Storage extends AsyncDisposable {
  readonly name: string
  readonly sessions: SessionStore
  readonly classic: ClassicStore
  hasSession(id: string): Promise<boolean>
  hasClassic(id: string): Promise<boolean>
}

/** A real MongoDB if one can be had, else the memory of this process. */
export async function openStorage(log: (line: string) => void): Promise<Storage> {
  try {
    return await openMongo(log)
  } catch (error) {
    log(error instanceof Error ? error.message : String(error))
    log('MongoDB cannot be reached, so everything is kept in memory: Adjourn in its memoryStore,')
    log('express-session in its MemoryStore.')
    return inMemory()
  }
}

/** @throws What says how to get a MongoDB, if none can be had. */
export async function openMongo(log: (line: string) => void): Promise<Storage> {
  await using opened = new AsyncDisposableStack()
  const mongod = await startMongod({ log })
  opened.defer(() => mongod.stop())
  const client = new MongoClient(mongod.uri, { serverSelectionTimeoutMS: 2000 })
  opened.defer(() => client.close())
  await client.connect()

  const db = client.db(`adjourn-demo-${randomBytes(4).toString('hex')}`)
  // A server of ours is thrown away as it is; it may even have got the same Ctrl-C.
  if (process.env['MONGODB_URI']) opened.defer(async () => void (await db.dropDatabase()))
  const sessions = mongoStore(db)
  await sessions.ensureIndexes()
  const classic = ConnectMongo.create({
    client,
    dbName: db.databaseName,
    collectionName: 'classic',
  })

  async function has(collection: string, id: string): Promise<boolean> {
    const found = db.collection<{ _id: string }>(collection)
    return (await found.findOne({ _id: id }, { readPreference: 'primary' })) !== null
  }
  const rest = opened.move()
  return {
    name: 'MongoDB',
    sessions,
    classic,
    hasSession: (id) => has('sessions', id),
    hasClassic: (id) => has('classic', id),
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  }
}

function inMemory(): Storage {
  const sessions = memoryStore()
  // Its `get` deletes what has expired, so its records are looked at where they are.
  const classic = new MemoryStore() as MemoryStore & { readonly sessions: object }
  return {
    name: 'the memory of this process',
    sessions,
    classic,
    hasSession: async (id) => (await sessions.read(id, [])).record !== undefined,
    hasClassic: async (id) => Object.hasOwn(classic.sessions, id),
    async [Symbol.asyncDispose]() {},
  }
}

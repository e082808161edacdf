import { createSessions } from '@adjourn/core'
import type { Accounts } from '@adjourn/example-accounts'
import { mongoStore } from '@adjourn/mongodb'
import { MongoClient, type Db } from 'mongodb'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApp } from './app.ts'
import type { Config } from './config.ts'

/** Requests under way at a stop have as long. */
const LAST_REQUESTS_MS = 10_000

export interface Running {
  readonly port: number
  /** Answers what is under way, and lets go of everything. */
  stop(): Promise<void>
}

/** Rejects, and leaves nothing open, if the database or the port cannot be had. */
export async function start(config: Config, accounts: Accounts): Promise<Running> {
  // Awaited: a driver whose first connect fails does not recover by itself.
  const client = await new MongoClient(config.mongodbUri).connect()
  try {
    const { server, close } = await serve(client.db(), config, accounts)
    return {
      port: (server.address() as AddressInfo).port,
      async stop() {
        await closeServer(server)
        await close()
        await client.close()
      },
    }
  } catch (error) {
    await client.close()
    throw error
  }
}

async function serve(
  db: Db,
  { secrets, port, trustedProxies }: Config,
  accounts: Accounts,
): Promise<{ server: Server; close: () => Promise<void> }> {
  const store = mongoStore(db)
  await store.ensureIndexes()
  const sessions = createSessions({ store, secrets })
  const server = createApp({ sessions, accounts, trustedProxies }).listen(port)
  await once(server, 'listening')
  return { server, close: () => sessions.close() }
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  const timer = setTimeout(() => server.closeAllConnections(), LAST_REQUESTS_MS)
  await closed
  clearTimeout(timer)
}

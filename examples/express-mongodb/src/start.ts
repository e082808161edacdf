import { createSessions } from '@adjourn/core'
import type { Accounts } from '@adjourn/example-accounts'
import { closeServer, type Config } from '@adjourn/example-process'
import { mongoStore } from '@adjourn/mongodb'
import { MongoClient } from 'mongodb'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createApp } from './app.ts'

export interface Running {
  readonly port: number
  /** Answers what is under way, and lets go of everything. */
  readonly stop: () => Promise<void>
}

/** Rejects, and leaves nothing open, if the database or the port cannot be had. */
export async function start(config: Config, accounts: Accounts): Promise<Running> {
  // Awaited: a driver whose first connect fails does not recover by itself.
  const client = await new MongoClient(config.mongodbUri).connect()
  try {
    const store = mongoStore(client.db())
    await store.ensureIndexes()
    const sessions = createSessions({ store, secrets: config.secrets })
    const server = createApp({ ...config, sessions, accounts }).listen(config.port)
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    return {
      port,
      async stop() {
        await closeServer(server)
        await sessions.close()
        await client.close()
      },
    }
  } catch (error) {
    await client.close()
    throw error
  }
}

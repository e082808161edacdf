import { MongoClient, type CommandStartedEvent, type Db, type MongoClientOptions } from 'mongodb'
import { name } from '../support/records.ts'

/** A client that shows what it sends to the server. */
export interface WatchedClient extends AsyncDisposable {
  readonly client: MongoClient
  readonly db: Db
  /** The commands of one name since the last `forget`, in their order. */
  commands(commandName: string): Readonly<Record<string, unknown>>[]
  forget(): void
}

/**
 * Connects to a database of a new name, which is dropped with the client.
 *
 * @param parameters What the URI says beside the address.
 */
export async function watchedClient(
  uri: string,
  options: MongoClientOptions = {},
  parameters: Readonly<Record<string, string>> = {},
): Promise<WatchedClient> {
  const url = new URL(uri)
  for (const [key, value] of Object.entries(parameters)) url.searchParams.set(key, value)
  const client = new MongoClient(url.href, { ...options, monitorCommands: true })
  const db = client.db(name('test'))
  let events: CommandStartedEvent[] = []
  client.on('commandStarted', (event) => {
    if (event.databaseName === db.databaseName) events.push(event)
  })
  await client.connect()
  return {
    client,
    db,
    commands: (commandName) =>
      events
        .filter((event) => event.commandName === commandName)
        .map(({ command }) => command as Record<string, unknown>),
    forget() {
      events = []
    },
    async [Symbol.asyncDispose]() {
      await dropDatabase(uri, db.databaseName)
      await client.close()
    },
  }
}

/** By a client of its own: the other may have odd options, or no connection any more. */
async function dropDatabase(uri: string, databaseName: string): Promise<void> {
  const client = new MongoClient(uri)
  try {
    await client.db(databaseName).dropDatabase()
  } finally {
    await client.close()
  }
}

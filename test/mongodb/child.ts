/** What the tests have other processes do: `child.ts task uri database ...arguments`. */
import { mongoStore, type MongoStore } from '@adjourn/mongodb'
import { MongoClient } from 'mongodb'
import { revocation } from '../support/records.ts'

const [task = '', uri = '', database = '', ...args] = process.argv.slice(2)
const client = await new MongoClient(uri).connect()
const store = mongoStore(client.db(database))

const tasks: Readonly<Record<string, (store: MongoStore, arg: string) => Promise<unknown>>> = {
  end: (to, id) => to.delete(id),
  revoke: (to, group) => to.revoke(revocation(group)),
  /** And leaves it to Node when to exit. */
  watch: (to) =>
    new Promise<void>((resolve) => {
      const ignore = (): void => {}
      const current = (): void => resolve()
      to.watch?.({ deleted: ignore, written: ignore, revoked: ignore, lost: ignore, current })
    }),
}

await tasks[task]?.(store, args[0] ?? '')
await client.close()

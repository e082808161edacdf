import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SessionStore } from '@adjourn/core'
import { mongoStore } from '@adjourn/mongodb'
import { sqliteStore } from '@adjourn/sqlite'
import { MongoClient } from 'mongodb'
import { mongoTable, sqliteTable } from './account-tables.ts'
import { createAccounts, type Accounts } from './accounts.ts'
import { USERS } from './demo.ts'
import { newSecret } from './secret.ts'

/** What outlives a restart. */
export interface Data extends AsyncDisposable {
  /** Where it is, in words. */
  readonly place: string
  readonly store: SessionStore
  readonly accounts: Accounts
  readonly secret: string
}

export interface DataOptions {
  /** For the cookies' secret, and for SQLite. Made if it is not there. */
  readonly folder: string
  /** Keeps sessions and accounts in MongoDB. */
  readonly mongodb?: { readonly uri: string; readonly database: string }
}

export async function openData({ folder, mongodb }: DataOptions): Promise<Data> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await using opened = new AsyncDisposableStack()
  const secret = await keptSecret(join(folder, 'secret'))
  const { store, table } = await (mongodb === undefined
    ? inSqlite(folder, opened)
    : inMongo(mongodb, opened))
  const accounts = createAccounts(table)
  for (const { user, password, tags } of USERS) {
    // Whoever is there may have another password by now.
    if ((await table.get(user)) === undefined) await accounts.add({ user, tags }, password)
  }
  const rest = opened.move()
  return {
    place: mongodb === undefined ? 'SQLite' : 'MongoDB',
    store,
    accounts,
    secret,
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  }
}

type Kept = {
  readonly store: SessionStore
  readonly table: Parameters<typeof createAccounts>[0]
}

async function inSqlite(folder: string, opened: AsyncDisposableStack): Promise<Kept> {
  const store = sqliteStore(join(folder, 'sessions.db'))
  opened.defer(() => store.close())
  const table = sqliteTable(join(folder, 'accounts.db'))
  opened.defer(() => table.close())
  return { store, table }
}

async function inMongo(
  { uri, database }: NonNullable<DataOptions['mongodb']>,
  opened: AsyncDisposableStack,
): Promise<Kept> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 5000 })
  opened.defer(() => client.close())
  await client.connect()
  const db = client.db(database)
  return { store: mongoStore(db), table: mongoTable(db) }
}

/** Random, made at the first start. A new one signs everybody out. */
async function keptSecret(path: string): Promise<string> {
  try {
    // Fails if it is there.
    await writeFile(path, newSecret(), { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return readFile(path, 'utf8')
}

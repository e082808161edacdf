import { DatabaseSync } from 'node:sqlite'
import type { Db } from 'mongodb'
import type { AccountRow, AccountTable } from './accounts.ts'

export function memoryTable(): AccountTable {
  const rows = new Map<string, AccountRow>()
  return {
    get: async (user) => rows.get(user),
    put: async (row) => void rows.set(row.user, row),
    all: async () => [...rows.values()],
  }
}

/** One row for each account, as JSON. */
export function sqliteTable(path: string): AccountTable & { close(): void } {
  const database = new DatabaseSync(path)
  database.exec(
    'CREATE TABLE IF NOT EXISTS accounts (user TEXT PRIMARY KEY, row TEXT NOT NULL) STRICT',
  )
  const get = database.prepare('SELECT row FROM accounts WHERE user = ?')
  const put = database.prepare('INSERT OR REPLACE INTO accounts (user, row) VALUES (?, ?)')
  const all = database.prepare('SELECT row FROM accounts')
  return {
    async get(user) {
      const found = get.get(user)
      return found === undefined ? undefined : parse(found)
    },
    put: async (row) => void put.run(row.user, JSON.stringify(row)),
    all: async () => all.all().map(parse),
    close: () => database.close(),
  }
}

function parse({ row }: Record<string, unknown>): AccountRow {
  return JSON.parse(String(row)) as AccountRow
}

export function mongoTable(db: Db): AccountTable {
  const accounts = db.collection<AccountRow & { _id: string }>('accounts')
  return {
    get: async (user) => (await accounts.findOne({ _id: user })) ?? undefined,
    async put(row) {
      await accounts.replaceOne({ _id: row.user }, row, { upsert: true })
    },
    all: () => accounts.find().toArray(),
  }
}

import { storeConformance } from '@adjourn/core/testing'
import { sqliteStore } from '@adjourn/sqlite'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, describe, it } from 'vitest'

const TABLES = ['adjourn_sessions', 'adjourn_memberships', 'adjourn_epochs']

const directory = mkdtempSync(join(tmpdir(), 'adjourn-sqlite-conformance-'))
const path = join(directory, 'sessions.db')

storeConformance(
  { describe, it },
  {
    name: 'sqliteStore on a file',
    feed: true,
    create: async () => {
      const store = sqliteStore(path)
      return {
        store,
        close: () => store.close(),
        // To the store, its tables are gone.
        fault: {
          begin: async () => rename((table) => [table, `${table}_away`]),
          end: async () => rename((table) => [`${table}_away`, table]),
        },
      }
    },
  },
)

storeConformance(
  { describe, it },
  {
    name: 'sqliteStore in memory',
    feed: true,
    create: async () => {
      const store = sqliteStore(':memory:')
      return { store, close: () => store.close() }
    },
  },
)

function rename(names: (table: string) => [from: string, to: string]): void {
  const db = new DatabaseSync(path)
  for (const [from, to] of TABLES.map(names)) db.exec(`ALTER TABLE ${from} RENAME TO ${to}`)
  db.close()
}

afterAll(() => {
  rmSync(directory, { recursive: true })
})

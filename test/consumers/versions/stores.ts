import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite'
import type { SessionStore } from '@adjourn/core'
import { BSON, MongoClient } from 'mongodb'
import type { Version } from './version.ts'

/** A place for records that several versions open, and that can be written out and read in. */
export interface Place {
  /** A store of that version on it. */
  open(version: Version): SessionStore
  /** All that is in it, as text. */
  dump(): Promise<string>
  /** Puts in what `dump` wrote. It is empty before. */
  restore(text: string): Promise<void>
  /** Removes it. */
  close(): Promise<void>
}

/** @param uri Of the server, without a database. */
export function mongodbPlace(uri: string, name: string): Place {
  const client = new MongoClient(uri)
  const db = client.db(name)
  const collection = db.collection('sessions')
  return {
    open: ({ mongodb }) => mongodb.mongoStore(db),
    async dump() {
      const documents = await collection.find().sort({ _id: 1 }).toArray()
      return `${BSON.EJSON.stringify(documents, undefined, 2, { relaxed: false })}\n`
    },
    async restore(text) {
      const documents = BSON.EJSON.parse(text, { relaxed: false }) as Record<string, unknown>[]
      await collection.insertMany(documents)
    },
    async close() {
      await db.dropDatabase()
      await client.close()
    },
  }
}

export function sqlitePlace(name: string): Place {
  const path = join(tmpdir(), `${name}-${process.pid}.db`)
  return {
    open: ({ sqlite }) => sqlite.sqliteStore(path),
    dump: async () => dumpFile(path),
    async restore(text) {
      const file = new DatabaseSync(path)
      file.exec(text)
      file.close()
    },
    async close() {
      await Promise.all(['', '-wal', '-shm'].map((end) => rm(`${path}${end}`, { force: true })))
    },
  }
}

/** The file as the statements that make it. */
function dumpFile(path: string): string {
  const file = new DatabaseSync(path, { readOnly: true })
  const { user_version: version } = file.prepare('PRAGMA user_version').get() ?? {}
  const objects = file
    .prepare(`SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid`)
    .all()
  const tables = objects.filter(({ type }) => type === 'table').map(({ name }) => String(name))
  const rows = tables.flatMap((table) =>
    file
      .prepare(`SELECT * FROM ${table} ORDER BY 1, 2`)
      .all()
      .map((row) => `INSERT INTO ${table} VALUES (${Object.values(row).map(literal).join(', ')});`),
  )
  file.close()
  const schema = objects.map(({ sql }) => `${String(sql)};`)
  return `${[`PRAGMA user_version = ${String(version)};`, ...schema, ...rows].join('\n')}\n`
}

function literal(value: SQLOutputValue): string {
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value)
}

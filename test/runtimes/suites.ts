import { memoryStore, type SessionStore } from '@adjourn/core'
import { bindingConformance, storeConformance, type Runner } from '@adjourn/core/testing'
import { mongoStore } from '@adjourn/mongodb'
import { MongoClient, type Db } from 'mongodb'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inProcess, startHono, type Serving } from '../conformance/bindings/hono-app.ts'
import { honoNative } from '../conformance/bindings/hono-native.ts'
import { guarantees } from './guarantees.ts'
import { serve } from './serve.ts'

interface Suite {
  readonly register: (runner: Runner) => void
  readonly close?: () => Promise<void>
}

/** What can be run where there is a file system and a socket; by name. */
export const suites: Readonly<Record<string, (uri: string) => Promise<Suite>>> = {
  'guarantees-memory': async () => {
    const store = memoryStore()
    const open = async () => store
    return { register: guarantees({ open, openAnother: open }) }
  },
  'guarantees-mongodb': async (uri) => {
    const { db, close } = await database(uri)
    const open = async () => mongoStore(db)
    return { register: guarantees({ open, openAnother: open }), close }
  },
  'guarantees-sqlite': async () => {
    const { path, close } = await file()
    const { sqliteStore } = await import('@adjourn/sqlite')
    const store = sqliteStore(path)
    const open = async () => store
    return {
      register: guarantees({ open, openAnother: open }),
      async close() {
        await store.close()
        await close()
      },
    }
  },
  'store-memory': async () => ({
    register: (runner) =>
      storeConformance(runner, { feed: true, create: async () => ({ store: memoryStore() }) }),
  }),
  'store-mongodb': async (uri) => {
    const { client, db, close } = await database(uri)
    const fault = {
      begin: () => client.close(),
      end: async () => {
        await client.connect()
      },
    }
    const create = async () => ({ store: mongoStore(db), fault })
    return { register: (runner) => storeConformance(runner, { feed: true, create }), close }
  },
  'store-sqlite': async () => {
    const { path, close } = await file()
    const { sqliteStore } = await import('@adjourn/sqlite')
    const create = async () => {
      const store = sqliteStore(path)
      return { store, close: () => store.close() }
    }
    return { register: (runner) => storeConformance(runner, { feed: true, create }), close }
  },
  'hono-in-process': async () => hono(inProcess, memoryStore),
  'hono-over-sockets': async () => hono(serve, memoryStore),
  'hono-mongodb': async (uri) => {
    const { db, close } = await database(uri)
    return { ...hono(inProcess, () => mongoStore(db)), close }
  },
}

function hono(serving: Serving, createStore: () => SessionStore): Suite {
  const binding = { start: startHono(serving), native: honoNative(serving), createStore }
  return { register: (runner) => bindingConformance(runner, binding) }
}

async function database(
  uri: string,
): Promise<{ client: MongoClient; db: Db; close: () => Promise<void> }> {
  const client = new MongoClient(uri)
  const db = client.db(`runtimes-${crypto.randomUUID()}`)
  return {
    client,
    db,
    async close() {
      await db.dropDatabase()
      await client.close()
    },
  }
}

async function file(): Promise<{ path: string; close: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'adjourn-runtimes-'))
  return {
    path: join(folder, 'sessions.db'),
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

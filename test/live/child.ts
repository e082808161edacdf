/** A process that watches a session and caches it, and then has nothing else to do. */
import { createSessions, memoryStore, type SessionStore } from '@adjourn/core'
import { mongoStore } from '@adjourn/mongodb'
import { sqliteStore } from '@adjourn/sqlite'
import { MongoClient } from 'mongodb'
import { setTimeout as pause } from 'node:timers/promises'

const [backend = '', place = '', task = ''] = process.argv.slice(2)
const client = backend === 'MongoDB' ? new MongoClient(place) : undefined

function createStore(): SessionStore {
  if (client !== undefined) return mongoStore(client.db('live-exit'))
  return backend === 'SQLite' ? sqliteStore(place) : memoryStore()
}

const store = createStore()
const secrets = 'the-secret-of-a-process-that-exits'
const sessions = createSessions({ secrets, store, cache: { max: 10, maxAge: 60 } })

let cookie: string | undefined
const load = () =>
  sessions.load({
    header: (name) => (name === 'cookie' ? cookie : undefined),
    headersSent: () => false,
    queue: ({ setCookie }) => void (cookie = setCookie?.split(';')[0]),
  })

await (await load()).create({ userId: 'ann' })
const { signal } = await load()
signal.addEventListener('abort', () => console.log('aborted'))
// Long enough for a look or two, and for the feed to be live.
await pause(700)
await load()
console.log(signal.aborted ? 'over' : 'watching')
if (task === 'close') {
  await sessions.close()
  await client?.close()
  // A SQLite store and a memory store that nobody closes keep nothing alive.
  const left = process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout')
  console.log(`${left.length} timers`)
}

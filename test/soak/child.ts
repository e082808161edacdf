/** A process that serves and visits an app for a while: `child.ts kind place seconds [leak]`. */
import { createSessions } from '@adjourn/core'
import { faultyStore, type FaultyStore, type StoreCall } from '@adjourn/core/testing'
import { setTimeout as pause } from 'node:timers/promises'
import { openBackend, type Backend } from './backends.ts'
import { createAgent } from './client.ts'
import { run, type Counts } from './load.ts'
import { growth, sample, type Sample } from './measure.ts'
import { startApp, type App } from './server.ts'

const [kind = '', place = '', length = '', leak] = process.argv.slice(2)
const seconds = Number(length)
const WORKERS = 8
/** Enough for a median of each third; more often would be most of a short run. */
const SAMPLES = Math.min(120, Math.max(12, seconds / 10))
/** Where the machine is busy, a short run goes on until it has shown something. */
const LEAST_REQUESTS = 300
const MOST_SECONDS = seconds + 45
/** The share of the time that caches and the compiler are given to fill. */
const WARM_UP = 0.3

const problems = new Set<string>()
const complain = (problem: string): unknown => problems.size < 20 && problems.add(problem)
process.on('warning', (warning) => complain(`warning: ${warning.name} ${warning.message}`))
process.on('unhandledRejection', (reason) => complain(`unhandled rejection: ${String(reason)}`))
process.on('uncaughtException', (error) => complain(`uncaught: ${error.stack ?? String(error)}`))

const counts: Counts = { requests: 0, outages: 0, ended: 0, replayed: 0 }
const started = performance.now()
const elapsed = (): number => (performance.now() - started) / 1000
const samples: Sample[] = []

function isOver(): boolean {
  const isEnough = counts.requests >= LEAST_REQUESTS && samples.length >= SAMPLES / 2
  return elapsed() >= (isEnough ? seconds : MOST_SECONDS)
}

/** Failures, lost answers and stops, for as long as people come; in between, all is well. */
async function disturb(store: FaultyStore, { fault }: Backend): Promise<void> {
  const operations = ['read', 'insert', 'update', 'delete', 'touch', 'list', 'revoke'] as const
  for (let round = 0; !isOver(); round++) {
    // It keeps every call for the tests that look at them.
    ;(store.calls as StoreCall[]).length = 0
    const operation = operations[round % operations.length] ?? 'read'
    const when = round % 2 === 0 ? 'before' : 'after'
    if (round % 5 === 4) await fault()
    else if (round % 5 === 3) store.pause(operation, { times: 2, when })
    else if (round % 5 === 2) store.fail('all')
    else store.fail(operation, { times: 3, when })
    await pause(round % 5 === 2 ? 50 : 150)
    store.restore()
    await pause(500)
  }
}

async function observe({ held }: Backend, { server }: App): Promise<void> {
  await pause(seconds * WARM_UP * 1000)
  while (!isOver()) {
    const listeners = server.eventNames().map((name) => server.listenerCount(name))
    const now = { ...sample(), ...(await held()) }
    samples.push({ ...now, 'server listeners': listeners.reduce((sum, each) => sum + each, 0) })
    await pause((seconds * (1 - WARM_UP) * 1000) / SAMPLES)
  }
}

function progressOf({ heap = 0, rss = 0, sockets, timers, cursors }: Sample): string {
  const megabytes = (bytes: number): string => `${Math.round(bytes / 1e5) / 10} MB`
  const { requests, outages, ended, replayed } = counts
  return (
    `${kind}: ${Math.round(elapsed())} of ${seconds} s, ${requests} requests, ${outages} answered 503, ` +
    `${ended} sessions ended, ${replayed} replays, heap ${megabytes(heap)}, rss ${megabytes(rss)}, ` +
    `${sockets} sockets, ${timers} timers${cursors === undefined ? '' : `, ${cursors} cursors`}`
  )
}

const tell = (): void =>
  console.log(JSON.stringify({ progress: progressOf(samples.at(-1) ?? sample()) }))
const telling = setInterval(tell, 30_000)
const backend = await openBackend(kind, place)
const store = faultyStore(backend.store)
const sessions = createSessions({
  secrets: 'the-secret-of-the-process-that-soaks',
  store,
  touchAfter: 1,
  // More than three browsers have, with those that outages have orphaned.
  maxSessionsPerUser: 50,
  cache: { max: 20, maxAge: 5 },
})
const leaked: unknown[] = []
const app = await startApp(sessions, (request) => {
  // With something of the size of a page, for a process that is looked at for a few seconds.
  if (leak === 'leak')
    leaked.push(
      request,
      Array.from({ length: 20_000 }, () => leaked.length),
    )
})
const agent = createAgent()
const visitors = run({ at: app.at, agent, isOver, complain }, WORKERS, counts)
await Promise.all([observe(backend, app), disturb(store, backend), visitors])
for (const problem of growth(samples)) complain(problem)

store.restore()
agent.destroy()
app.server.close()
await sessions.close()
await backend.close()
clearInterval(telling)
tell()
console.log(JSON.stringify({ problems: [...problems], counts, samples: samples.length }))

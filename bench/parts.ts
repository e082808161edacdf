/**
 * Where a request's time goes, part by part, in microseconds: what docs/performance.md says of it.
 *
 *     npm run bench:parts
 *     node --cpu-prof bench/parts.ts profile     ten seconds of reads for the profiler, after npm run build
 */
import { createSessions, memoryStore, type Session, type Sessions } from '@adjourn/core'
import { loadSession } from '@adjourn/core/binding'
import { session, sessionOf } from '@adjourn/express'
import { mongoStore } from '@adjourn/mongodb'
import express, { type RequestHandler } from 'express'
import type { Db } from 'mongodb'
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises'
import { expressClient, type Listener } from './measure/express-client.ts'
import { interleave } from './measure/rounds.ts'
import { median } from './measure/statistics.ts'
import { withBackend } from './measure/with-backend.ts'
import { SECRET } from './subjects/secret.ts'

const USERS = 100
const ROUNDS = 15

/** Does something once, for the user of that index. */
type Part = (index: number) => unknown

interface Shape {
  readonly connections: number
  /** In a round. */
  readonly times: number
}

interface Issued {
  readonly id: string
  readonly cookie: string
}

const load = (sessions: Sessions, cookie?: string): Promise<Session> | Session =>
  loadSession(sessions, {
    header: (name) => (name === 'cookie' ? cookie : undefined),
    headersSent: () => false,
    queue: () => {},
  })

async function issue(sessions: Sessions): Promise<Issued[]> {
  const issued: Issued[] = []
  for (let index = 0; index < USERS; index++) {
    let cookie = ''
    const visitor = await sessions.load({
      header: () => undefined,
      headersSent: () => false,
      queue: ({ setCookie }) => {
        cookie = setCookie?.split(';')[0] ?? cookie
      },
    })
    await visitor.create({ userId: `user ${index}` })
    issued.push({ id: visitor.id ?? '', cookie })
  }
  return issued
}

/** Microseconds of one, of which so many are always under way. */
async function time(part: Part, { connections, times }: Shape): Promise<number> {
  let next = 0
  const start = performance.now()
  const walk = async (): Promise<void> => {
    while (next < times) {
      const index = next++
      // Timers, and the feed of a cache, live by the event loop.
      if (index % 100 === 0) await turn()
      const done = part(index % USERS)
      if (done instanceof Promise) await done
    }
  }
  await Promise.all(Array.from({ length: connections }, walk))
  return ((performance.now() - start) * 1000) / times
}

async function print(title: string, parts: Record<string, Part>, shape: Shape): Promise<void> {
  const names = Object.keys(parts)
  const measured = new Map<string, number[]>(names.map((name) => [name, []]))
  for (const part of Object.values(parts)) await time(part, shape)
  await interleave(names, ROUNDS, async (name) => {
    measured.get(name)?.push(await time(parts[name] as Part, shape))
  })
  console.log(`\n${title}`)
  for (const [name, values] of measured) {
    console.log(`  ${name.padEnd(34)}${median(values).toFixed(2).padStart(9)}`)
  }
}

function onExpress(cookies: readonly Issued[], ...middleware: RequestHandler[]): Part {
  const app = express()
  for (const handler of middleware) app.use(handler)
  app.get('/', (_req, res) => void res.end('x'))
  const send = expressClient(app as Listener).connect()
  return (index) => {
    const cookie = cookies[index]?.cookie
    return send({ path: '/', ...(cookie !== undefined && { cookie }) })
  }
}

const nothing: RequestHandler = (_req, _res, next) => next()

async function inProcess(): Promise<void> {
  const options = { secrets: SECRET, store: memoryStore(), cache: { max: 1000, maxAge: 60 } }
  const sessions = createSessions(options)
  const issued = await issue(sessions)
  const read: Part = (index) => load(sessions, issued[index]?.cookie)
  // The first read starts the feed, and what comes once that is live is kept.
  for (let pass = 0; pass < 2; pass++) {
    for (let index = 0; index < USERS; index++) await read(index)
    await pause(400)
  }
  const shape = { connections: 1, times: 8000 }
  await print('core', { 'anonymous request': () => load(sessions), 'cache hit': read }, shape)
  const ours = session(sessions) as RequestHandler
  await print(
    'Express, in process',
    {
      'the framework alone': onExpress(issued),
      'a middleware that does nothing': onExpress(issued, nothing),
      'Adjourn, anonymous': onExpress([], ours),
      'Adjourn, cache hit': onExpress(issued, ours),
    },
    shape,
  )
  await sessions.close()
}

const groups = (index: number): string[] => ['everyone', `user:user ${index}`]

async function onMongodb(db: Db): Promise<void> {
  const store = mongoStore(db)
  const sessions = createSessions({ secrets: SECRET, store })
  const issued = await issue(sessions)
  const id = (index: number): string => issued[index]?.id ?? ''
  const find = (filter: object): Promise<unknown> => db.command({ find: 'sessions', filter })
  const reads: Record<string, Part> = {
    'the read of the store': (index) => store.read(id(index), groups(index)),
    'Adjourn, without a framework': (index) => load(sessions, issued[index]?.cookie),
  }
  const queries: Record<string, Part> = {
    'a cursor, by one _id': (index) =>
      db.collection<{ _id: string }>('sessions').findOne({ _id: id(index) }),
    'a command, by one _id': (index) => find({ _id: id(index) }),
    'a command, by $in of three': (index) =>
      find({ _id: { $in: [id(index), ...groups(index).map((group) => `epoch:${group}`)] } }),
    ...reads,
  }
  const alone = { connections: 1, times: 1000 }
  await print('MongoDB, one query at a time', queries, alone)
  await print('MongoDB, 32 at once', reads, { connections: 32, times: 6400 })
  await sessions.close()
}

async function profile(db: Db): Promise<void> {
  const sessions = createSessions({ secrets: SECRET, store: mongoStore(db) })
  const issued = await issue(sessions)
  const app = express()
  app.use(session(sessions))
  app.get('/', (req, res) => void res.end(sessionOf(req).userId))
  const connect = (): ReturnType<ReturnType<typeof expressClient>['connect']> =>
    expressClient(app as Listener).connect()
  const until = performance.now() + 10_000
  const walk = async (_: unknown, from: number): Promise<void> => {
    const send = connect()
    for (let at = from; performance.now() < until; at++) {
      await send({ path: '/', cookie: issued[at % USERS]?.cookie ?? '' })
    }
  }
  await Promise.all(Array.from({ length: 32 }, walk))
  await sessions.close()
}

const log = (words: string): void => console.error(words)

if (process.argv.includes('profile')) {
  await withBackend(log, (backend) => profile(backend.db('profile')))
} else {
  await inProcess()
  await withBackend(log, (backend) => onMongodb(backend.db('parts')))
}

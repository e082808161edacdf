import { randomBytes } from 'node:crypto'
import { parseCookie } from 'cookie'
import type { Request } from 'express'
import type { Context } from 'hono'
import type { Collection } from 'mongodb'
import { bySession, type Client } from '../measure/subject.ts'
import type { Open } from './registry.ts'

/** Sessions as people write them by hand: a random id in a cookie, a document by that id. */
export const open: Open = async (name, framework, backend) => {
  const collection = backend.db(name).collection<Kept>('sessions')
  const client = await (framework === 'hono' ? forHono(collection) : forExpress(collection))
  return { name, framework, client, says: bySession, close: async () => {} }
}

interface Kept {
  _id: string
  userId: string
  note?: string
  expiresAt: Date
}

const NAME = 'sid'
const COOKIE = { path: '/', httpOnly: true, secure: true, sameSite: 'lax' } as const
const LIFETIME = 3_600_000

const INDEXES = [{ key: { expiresAt: 1 }, expireAfterSeconds: 0 }, { key: { userId: 1 } }]
const indexed = new WeakMap<Collection<Kept>, Promise<unknown>>()

/** What makes a logout last: it survives the loss of a node. */
const DURABLE = { writeConcern: { w: 'majority', j: true } } as const

async function find(sessions: Collection<Kept>, header: string | undefined): Promise<Kept | null> {
  const id = parseCookie(header ?? '')[NAME]
  if (id === undefined) return null
  const found = await sessions.findOne({ _id: id })
  return found !== null && found.expiresAt > new Date() ? found : null
}

async function insert(sessions: Collection<Kept>, userId: string): Promise<string> {
  const indexes = indexed.get(sessions) ?? sessions.createIndexes(INDEXES)
  indexed.set(sessions, indexes)
  await indexes
  const _id = randomBytes(32).toString('base64url')
  await sessions.insertOne({ _id, userId, expiresAt: new Date(Date.now() + LIFETIME) })
  return _id
}

const remove = (sessions: Collection<Kept>, found: Kept | null | undefined): Promise<unknown> =>
  sessions.deleteOne({ _id: found?._id ?? '' }, DURABLE)

const save = (sessions: Collection<Kept>, id: string | undefined, note: string): Promise<unknown> =>
  sessions.updateOne(
    { _id: id ?? '' },
    { $set: { note, expiresAt: new Date(Date.now() + LIFETIME) } },
  )

async function forExpress(sessions: Collection<Kept>): Promise<Client> {
  const { expressApp } = await import('./express-app.ts')
  const found = (req: Request): Kept | null | undefined => (req as { kept?: Kept | null }).kept
  return expressApp(
    [
      async (req, _res, next) => {
        Object.assign(req, { kept: await find(sessions, req.headers.cookie) })
        next()
      },
    ],
    {
      who: (req) => found(req)?.userId,
      async logIn(_req, res, user) {
        res.cookie(NAME, await insert(sessions, user), COOKIE)
      },
      async logOut(req, res) {
        await remove(sessions, found(req))
        res.clearCookie(NAME, COOKIE)
      },
      async save(req, _res, note) {
        await save(sessions, found(req)?._id, note)
      },
    },
  )
}

async function forHono(sessions: Collection<Kept>): Promise<Client> {
  const { honoApp } = await import('./hono-app.ts')
  const { deleteCookie, setCookie } = await import('hono/cookie')
  const found = (c: Context): Kept | null => c.get('kept') as Kept | null
  return honoApp(
    [
      async (c, next) => {
        c.set('kept', await find(sessions, c.req.header('cookie')))
        await next()
      },
    ],
    {
      who: (c) => found(c)?.userId,
      async logIn(c, user) {
        setCookie(c, NAME, await insert(sessions, user), COOKIE)
      },
      async logOut(c) {
        await remove(sessions, found(c))
        deleteCookie(c, NAME, COOKIE)
      },
      async save(c, note) {
        await save(sessions, found(c)?._id, note)
      },
    },
  )
}

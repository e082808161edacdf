import expressSession from 'express-session'
import { MongoStore } from 'connect-mongo'
import type { Request } from 'express'
import { bySession } from '../measure/subject.ts'
import { expressApp } from './express-app.ts'
import type { Open } from './registry.ts'
import { SECRET } from './secret.ts'

declare module 'express-session' {
  interface SessionData {
    user: string
    note: string
  }
}

export const open: Open = (name, framework, backend) => openWith(name, framework, backend, {})

/** As its documentation has it for sessions that need not be written at each request. */
export const openLazily: Open = (name, framework, backend) =>
  openWith(name, framework, backend, { touchAfter: 24 * 3600 })

function openWith(
  ...[name, framework, backend, options]: [...Parameters<Open>, { touchAfter?: number }]
): ReturnType<Open> {
  const dbName = backend.db(name).databaseName
  const store = MongoStore.create({ client: backend.mongo, dbName, ...options })
  const middleware = expressSession({
    secret: SECRET,
    store,
    resave: false,
    saveUninitialized: false,
    cookie: { secure: false, maxAge: 24 * 3_600_000 },
  })
  const client = expressApp([middleware], {
    who: (req) => req.session.user,
    logIn: async (req, _res, user) => {
      await settled((done) => req.session.regenerate(done))
      req.session.user = user
      await settled((done) => req.session.save(done))
    },
    logOut: async (req, res) => {
      await destroy(req)
      res.clearCookie('connect.sid')
    },
    save: async (req, _res, note) => {
      req.session.note = note
      await settled((done) => req.session.save(done))
    },
  })
  // Closing the store would close the client, which is everybody's.
  return { name, framework, client, says: bySession, close: async () => {} }
}

const destroy = (req: Request): Promise<void> => settled((done) => req.session.destroy(done))

function settled(run: (done: (error?: unknown) => void) => unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    run((error) => {
      if (error === undefined || error === null) resolve()
      else reject(error instanceof Error ? error : new Error('failed', { cause: error }))
    })
  })
}

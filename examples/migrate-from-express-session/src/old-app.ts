import { MongoStore } from 'connect-mongo'
import express, { type Express } from 'express'
import expressSession from 'express-session'
import type { MongoClient } from 'mongodb'
import type { Users } from './users.ts'

declare module 'express-session' {
  interface SessionData {
    user: string
    cart: string[]
  }
}

export interface OldAppOptions {
  readonly client: MongoClient
  readonly database: string
  readonly secrets: string[]
  readonly users: Users
}

/** The app as it was. */
export function createOldApp({ client, database, secrets, users }: OldAppOptions): Express {
  const store = MongoStore.create({ client, dbName: database, collectionName: 'old_sessions' })
  const app = express()
  app.use(expressSession({ secret: secrets, store, resave: false, saveUninitialized: false }))

  app.get('/', (req, res) => {
    res.send(`Hello ${req.session.user ?? 'nobody'}`)
  })
  app.post('/login/:user', (req, res, next) => {
    const { user } = req.params
    if (!users.has(user)) return void res.sendStatus(401)
    req.session.regenerate((error: unknown) => {
      if (error) return next(error)
      Object.assign(req.session, { user, cart: ['a book'] })
      req.session.save((failure: unknown) => (failure ? next(failure) : res.redirect(303, '/')))
    })
  })
  return app
}

import { MongoStore } from 'connect-mongo'
import express from 'express'
import expressSession from 'express-session'
import type { Db } from 'mongodb'
import type { RequestListener } from 'node:http'
import { queryOf, type Gate } from './gate.ts'

declare module 'express-session' {
  interface SessionData {
    user: string
    note: string
  }
}

/** The app as express-session's own documentation would have it. */
export function classicApp(db: Db, gate: Gate): RequestListener {
  const { client, databaseName: dbName } = db
  const store = MongoStore.create({ client, dbName, collectionName: 'classic' })
  const secret = 'the-secret-that-both-processes-share'
  const app = express()
  app.use(expressSession({ secret, store, resave: false, saveUninitialized: false }))
  app.use((req, _res, next) => gate.loaded(req.url, next))
  app.get('/login', (req, res, next) => {
    req.session.regenerate((error: unknown) => {
      if (error) return next(error)
      req.session.user = queryOf(req.url, 'of')
      req.session.save((failure: unknown) => (failure ? next(failure) : res.send('signed in')))
    })
  })
  app.get('/read', (req, res) => {
    const { user, note } = req.session
    res.json({ user, note })
  })
  app.get('/save', (req, res) => {
    req.session.note = queryOf(req.url, 'of')
    // express-session saves it now, and holds the end of the response until that is done.
    res.send('saved')
  })
  app.get('/end', (req, res, next) => {
    req.session.destroy((error: unknown) => (error ? next(error) : res.send('ended')))
  })
  return app
}

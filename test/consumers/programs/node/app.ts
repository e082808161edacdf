/** A typical app on Express and MongoDB: compiled against the tarballs, with Node's types. */
import '@adjourn/express/augment'
import { createSessions, SessionError, type SessionStore } from '@adjourn/core'
import { session, sessionOf } from '@adjourn/express'
import { mongoStore } from '@adjourn/mongodb'
import { sqliteStore } from '@adjourn/sqlite'
import { accessTokens } from '@adjourn/tokens'
import { requireToken, tokenOf } from '@adjourn/tokens/express'
import express, { type ErrorRequestHandler } from 'express'
import { MongoClient } from 'mongodb'

interface AppData {
  cart: string[]
}

const client = new MongoClient('mongodb://127.0.0.1')
export const stores: SessionStore[] = [
  mongoStore(client.db('app'), { collection: 'sessions', timeout: 5 }),
  sqliteStore(':memory:', { timeout: 1 }),
]

const [store = sqliteStore(':memory:')] = stores
const sessions = createSessions<AppData>({ store, secrets: 'a-secret-of-thirty-two-characters' })
const tokens = accessTokens(sessions, {
  issuer: 'https://app.example',
  audience: 'https://api.example',
})

export const app = express()
app.use(session(sessions))
app.post('/login', async (req, res) => {
  await req.session.create({ userId: 'ann', device: { userAgent: req.get('user-agent') } })
  res.redirect('/')
})
app.get('/cart', (req, res) => {
  res.json(sessionOf<AppData>(req).data.cart ?? [])
})
app.post('/logout', async (req, res) => {
  await sessionOf(req, sessions).end()
  res.redirect('/')
})
app.use('/api', requireToken(tokens))
app.get('/api/me', (req, res) => {
  res.json(tokenOf(req).claims.sub)
})

const onError: ErrorRequestHandler = (error, _req, res, next) => {
  if (error instanceof SessionError && error.status === 503) res.status(503).end()
  else next(error)
}
app.use(onError)

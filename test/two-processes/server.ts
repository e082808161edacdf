/** One node of an app, for the test that forks it: `server.ts kind mongodbUri database`. */
import { MongoClient, type Db } from 'mongodb'
import type { RequestListener, Server } from 'node:http'
import { listen } from '../conformance/bindings/listen.ts'
import { expressApp, honoApp, openSessions } from './adjourn-apps.ts'
import { classicApp } from './classic-app.ts'
import { openGate, tell, type Gate } from './gate.ts'
import type { Kind } from './messages.ts'

const apps: Record<Kind, (db: Db, gate: Gate) => RequestListener | Server> = {
  Express: (db, gate) => expressApp(openSessions(db, gate), gate),
  Hono: (db, gate) => honoApp(openSessions(db, gate), gate),
  classic: classicApp,
}

// The test is over, however it ended: nobody is there to ask.
process.once('disconnect', () => process.exit())

const [kind = '', uri = '', database = ''] = process.argv.slice(2)
const client = await new MongoClient(uri, { maxPoolSize: 10 }).connect()
const { at } = await listen(apps[kind as Kind](client.db(database), openGate()))
tell({ listeningAt: at })

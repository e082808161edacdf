/**
 * The app as it was and as it is now, side by side on one MongoDB. `MONGODB_URI` says where that is.
 */
import { mongoStore } from '@adjourn/mongodb'
import { MongoClient } from 'mongodb'
import { createApp, createOldApp } from './index.ts'

const DAY_MS = 86_400_000

const client = new MongoClient(process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1:27017')
await client.connect()
const db = client.db('adjourn_example')
const password = 'the-password-of-iron-session-here'
const users = new Set(['ann', 'bob'])
// The same at each start: what was revoked since then is not accepted.
const cutOver = new Date(process.env['CUT_OVER'] ?? Date.now())
const until = new Date(cutOver.getTime() + 14 * DAY_MS)

const before = createOldApp({ password, users })
const { app } = createApp({ db, store: mongoStore(db), password, users, cutOver, until })
before.listen(3000, '127.0.0.1', () =>
  console.log('curl -c jar -X POST http://127.0.0.1:3000/login/ann  # the app as it was'),
)
app.listen(3001, '127.0.0.1', () =>
  console.log('curl -b jar -c jar http://127.0.0.1:3001/            # the app as it is now'),
)

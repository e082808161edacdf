/** `npm start`; sessions and accounts are in memory. */
import { createSessions } from '@adjourn/core'
import { createAccounts } from '@adjourn/example-accounts'
import { closeServer, stopOnSignals } from '@adjourn/example-process'
import { randomBytes } from 'node:crypto'
import { createApp } from './index.ts'

const accounts = createAccounts()
await accounts.setPassword('ada', 'lovelace')
const sessions = createSessions({ secrets: randomBytes(32).toString('base64') })
const server = createApp(sessions, accounts).listen(3000, '127.0.0.1', () => {
  console.log('http://localhost:3000')
})
stopOnSignals(async () => {
  await closeServer(server)
  await sessions.close()
})

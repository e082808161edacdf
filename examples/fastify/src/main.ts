/** `npm start`: sessions in memory, which end with the process. */
import { randomBytes } from 'node:crypto'
import { createSessions } from '@adjourn/core'
import { createAccounts } from '@adjourn/example-accounts'
import { stopOnSignals } from '@adjourn/example-process'
import { createApp } from './app.ts'

const accounts = createAccounts()
// In place of a database of users.
await accounts.setPassword('ada', 'lovelace')
const sessions = createSessions({ secrets: randomBytes(32).toString('base64') })
const app = createApp({ sessions, accounts })
await app.listen({ port: 3000, host: '127.0.0.1' })
stopOnSignals(async () => {
  await app.close()
  await sessions.close()
})
console.log('http://localhost:3000')

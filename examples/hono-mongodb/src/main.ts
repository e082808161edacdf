/** `npm start`, see the README for what has to be in the environment. */
import { createAccounts } from '@adjourn/example-accounts'
import { readConfig, stopOnSignals } from '@adjourn/example-process'
import { start } from './start.ts'

const config = readConfig(process.env)
const accounts = createAccounts()
// In place of a database of users.
await accounts.setPassword('ada', 'lovelace')
const running = await start(config, accounts)
stopOnSignals(running.stop)
console.log(`http://localhost:${running.port}`)

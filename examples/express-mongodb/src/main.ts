/** `npm start`, see the README for what has to be in the environment. */
import { createAccounts } from '@adjourn/example-accounts'
import { readConfig } from './config.ts'
import { start } from './start.ts'

const config = readConfig(process.env)
const accounts = createAccounts()
// In place of a database of users.
await accounts.setPassword('ada', 'lovelace')
const running = await start(config, accounts)
console.log(`http://localhost:${running.port}`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop())

async function stop(): Promise<void> {
  try {
    await running.stop()
  } catch (error) {
    console.error(error)
    process.exitCode = 1
  }
}

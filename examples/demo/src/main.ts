/** `npm run demo`: plays the tour, then leaves both apps up. `npm run demo -- --once` only plays it. */
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { getRequestListener } from '@hono/node-server'
import { createAccounts } from '@adjourn/example-accounts'
import { expressApp } from './adjourn-express.ts'
import { honoApp } from './adjourn-hono.ts'
import { SLOW_MS, type Site } from './measure.ts'
import { showProgress } from './progress.ts'
import { serve, type RunningServer } from './server.ts'
import { openSessions } from './sessions.ts'
import { openStorage } from './storage.ts'
import { playTour } from './tour.ts'

const USER = { user: 'ada', password: 'lovelace' }
const STOPPING_MS = 5000

/** Resolves to the exit code. */
async function main(stop: AbortSignal): Promise<number> {
  const { values } = parseArgs({ options: { once: { type: 'boolean', default: false } } })
  const started = performance.now()
  const progress = showProgress(process.stdout)

  await using running = new AsyncDisposableStack()
  const storage = running.use(await openStorage((line) => progress.print(line)))
  const sessions = openSessions(storage.sessions)
  running.defer(() => sessions.close())
  const accounts = createAccounts()
  await accounts.setPassword(USER.user, USER.password)
  const onExpress = running.use(await serve(expressApp(sessions, accounts, SLOW_MS)))
  const listener = getRequestListener(honoApp(sessions, accounts, SLOW_MS).fetch)
  const onHono = running.use(await serve(listener))
  progress.print(`Express ${onExpress.url} and Hono ${onHono.url}, on ${storage.name}.\n`)
  stop.throwIfAborted()

  const site = (name: string, { url }: RunningServer): Site => ({
    name,
    url,
    cookie: 'session',
    hasRecord: (session) => storage.hasSession(session),
  })
  const right = await playTour({
    onExpress: site('Express', onExpress),
    onHono: site('Hono', onHono),
    accounts,
    storage,
    progress,
    stop,
  })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  progress.print(
    `\nAdjourn did ${right ? 'everything right' : 'NOT do everything right'} (${seconds} s).`,
  )
  if (values.once) return right ? 0 : 1

  progress.print(invitation(onExpress.url, onHono.url))
  if (!stop.aborted) await once(stop, 'abort')
  progress.print('Stopping.')
  return 0
}

function invitation(express: string, hono: string): string {
  return `
Try it: ${express} (Express) and ${hono} (Hono), user ${USER.user}, password ${USER.password}.
Who signs in on one is signed in on the other: they share the cookie and the store. Or with curl:

  curl -i -c /tmp/adjourn-jar -d user=${USER.user} -d password=${USER.password} ${express}/login
  curl -b /tmp/adjourn-jar ${hono}/whoami
  curl -i -b /tmp/adjourn-jar -X POST ${hono}/logout
  curl -b /tmp/adjourn-jar ${express}/whoami

The last one still sends the cookie, and is not signed in. Ctrl-C stops the demo.`
}

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    stopping.abort()
    // A mongod that is being downloaded, say: nobody who pressed Ctrl-C is to wait for it.
    setTimeout(() => process.exit(130), STOPPING_MS).unref()
  })
}

try {
  process.exitCode = await main(stopping.signal)
} catch (error) {
  if (!stopping.signal.aborted) console.error(error)
  process.exitCode = stopping.signal.aborted ? 130 : 1
}

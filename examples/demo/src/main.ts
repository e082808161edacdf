/** `npm run demo`: both apps, until Ctrl-C. `npm run demo -- --once`: plays the tour and ends. */
import { once } from 'node:events'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { FOLDER, USERS } from './demo.ts'
import { openLab } from './lab.ts'
import { showProgress } from './progress.ts'
import { startDemo, type RunningDemo } from './start.ts'
import { openStorage } from './storage.ts'
import { playTour } from './tour.ts'

const USAGE = `npm run demo                  the web app, until Ctrl-C
npm run demo -- --port 8080   on this port and the next; 3000 by default, 0 for free ones
npm run demo -- --data folder keeps everything in this folder; examples/demo/.data by default
npm run demo -- --once        logs out in seven ways, prints what happened, and ends

With MONGODB_URI set, sessions and accounts are kept there rather than in SQLite.`

const STOPPING_MS = 5000

/** Resolves to the exit code. */
async function main(stop: AbortSignal): Promise<number> {
  const { values } = parseArgs({
    options: {
      once: { type: 'boolean', default: false },
      port: { type: 'string', default: '3000' },
      data: { type: 'string', default: join(FOLDER, '.data') },
      help: { type: 'boolean', default: false },
    },
  })
  const port = Number(values.port)
  if (values.help || !(Number.isInteger(port) && port >= 0 && port < 65_535)) {
    console.log(USAGE)
    return values.help ? 0 : 1
  }
  return values.once ? tour(stop) : serveUntil(stop, port, values.data)
}

async function serveUntil(stop: AbortSignal, port: number, folder: string): Promise<number> {
  const uri = process.env['MONGODB_URI']
  await using demo = await startDemo({
    folder,
    port,
    ...(uri ? { mongodb: { uri, database: 'adjourn-demo' } } : {}),
  })
  console.log(invitation(demo, port))
  if (!stop.aborted) await once(stop, 'abort')
  console.log('\nStopping.')
  return 0
}

function invitation({ express, hono, place }: RunningDemo, port: number): string {
  const isTaken = port !== 0 && (!express.endsWith(`:${port}`) || !hono.endsWith(`:${port + 1}`))
  const users = USERS.map(({ user, password, tags }) => {
    const role = tags.some((tag) => tag === 'role:admin') ? ' (admin)' : ''
    return `  ${user} / ${password}${role}`
  })
  return [
    ...(isTaken ? [`Port ${port} or ${port + 1} is taken; free ones are used.`] : []),
    `Express  ${express}`,
    `Hono     ${hono}`,
    '',
    'Sign in on either, and you are signed in on both. User / password:',
    ...users,
    '',
    `Sessions are kept in ${place} and survive a restart. Ctrl-C stops the demo.`,
  ].join('\n')
}

async function tour(stop: AbortSignal): Promise<number> {
  const started = performance.now()
  const progress = showProgress(process.stdout)
  await using storage = await openStorage((line) => progress.print(line))
  await using lab = await openLab(storage)
  progress.print(`Express ${lab.onExpress.url} and Hono ${lab.onHono.url}, on ${storage.name}.\n`)
  stop.throwIfAborted()
  const right = await playTour({ lab, progress, stop })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  progress.print(
    `\nAdjourn did ${right ? 'everything right' : 'NOT do everything right'} (${seconds} s).`,
  )
  return right ? 0 : 1
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

/** Server processes that a test may kill, stop and start again on the data they left. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Binary } from '../../tools/mongod-binary.ts'
import { until } from './waiting.ts'

export interface Server {
  /** Host and port, the same after every start. */
  readonly address: string
  /** Resolves once it accepts connections; at once if it is running. */
  start(): Promise<void>
  /** SIGKILL: no shutdown, no last write. Resolves when it is gone. */
  kill(): Promise<void>
  /** SIGSTOP: its connections stay, and nobody answers. */
  pause(): void
  resume(): void
}

/** A folder for the data of a test's servers, which goes when they have been killed. */
export interface Machine extends AsyncDisposable {
  /** A mongod, not yet started. */
  mongod(...args: readonly string[]): Promise<Server>
  /** A mongos, not yet started. */
  mongos(...args: readonly string[]): Promise<Server>
}

const READY = '"Waiting for connections"'
const PORT_TRIES = 5
/** In GB. By default each takes half of the machine; a document of 16 MB needs more than 0.25. */
const CACHE = ['--wiredTigerCacheSizeGB', '1']

export async function createMachine(binary: Binary): Promise<Machine> {
  const folder = await mkdtemp(join(tmpdir(), 'adjourn-cluster-'))
  tellWatchdog(`folder ${folder}`)
  const servers: Server[] = []
  let homes = 0

  async function newHome(): Promise<string> {
    const home = join(folder, String(++homes))
    await mkdir(join(home, 'data'), { recursive: true })
    return home
  }

  async function server(home: string, command: string, args: readonly string[]): Promise<Server> {
    const port = await freePort()
    const listen = ['--bind_ip', '127.0.0.1', '--port', String(port), '--nounixsocket']
    const made = createServerProcess({
      address: `127.0.0.1:${port}`,
      home,
      launch: (log) =>
        spawn(command, [...args, ...listen, '--logpath', log], {
          env: { ...process.env, ...binary.env },
          stdio: 'ignore',
        }),
    })
    servers.push(made)
    return made
  }

  return {
    async mongod(...args) {
      const home = await newHome()
      return server(home, binary.path, ['--dbpath', join(home, 'data'), ...CACHE, ...args])
    },
    mongos: async (...args) => server(await newHome(), binary.mongos ?? 'mongos', args),
    async [Symbol.asyncDispose]() {
      await Promise.all(servers.map((each) => each.kill()))
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
    },
  }
}

interface Parts {
  readonly address: string
  readonly home: string
  readonly launch: (log: string) => ChildProcess
}

function createServerProcess({ address, home, launch }: Parts): Server {
  let child: ChildProcess | undefined
  let starts = 0
  const running = (): boolean =>
    child !== undefined && child.exitCode === null && child.signalCode === null
  return {
    address,
    async start() {
      if (running()) return
      const log = join(home, `${++starts}.log`)
      const started = launch(log)
      child = started
      const { pid } = started
      tellWatchdog(`+${pid}`)
      started.once('exit', () => tellWatchdog(`-${pid}`))
      await until(`${address} accepts connections`, async () => {
        const text = await readFile(log, 'utf8').catch(() => '')
        if (started.exitCode !== null)
          throw new Error(`${address} did not start: ${complaintsIn(text)}`)
        return text.includes(READY)
      })
    },
    async kill() {
      if (child === undefined || !running()) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
  }
}

/** Its complaints: errors and what is fatal. */
const complaintsIn = (log: string): string =>
  log
    .split('\n')
    .filter((line) => /"s":"[EF]"/.test(line))
    .join('\n')

/** Below where systems take the ports of outgoing connections from: it must be free at a restart. */
async function freePort(): Promise<number> {
  for (let tries = 1; ; tries++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const server = createServer().listen(port, '127.0.0.1')
    try {
      await once(server, 'listening')
      server.close()
      await once(server, 'close')
      return port
    } catch (error) {
      if (tries === PORT_TRIES) throw error
    }
  }
}

let watchdog: ChildProcess | undefined

function tellWatchdog(line: string): void {
  watchdog ??= startWatchdog()
  watchdog.stdin?.write(`${line}\n`)
}

function startWatchdog(): ChildProcess {
  const script = fileURLToPath(new URL('watchdog.ts', import.meta.url))
  // A group of its own: what ends the tests' group must not end it first.
  const child = spawn(process.execPath, [script], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  child.unref()
  const pipe = child.stdin as Socket
  pipe.unref()
  return child
}

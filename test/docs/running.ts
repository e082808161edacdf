import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

/** Where blocks are written to: in the repository, so that their imports resolve. */
const PARENT = join(import.meta.dirname, '.blocks')

const START_MS = 30_000

/** Tells us which port the program got: it knows of no test. */
const REPORT_PORT = `data:text/javascript,${encodeURIComponent(`
import { subscribe } from 'node:diagnostics_channel'
subscribe('tracing:net.server.listen:asyncEnd', ({ server }) => process.send(server.address().port))
`)}`

/** A program of the documents that runs. */
export interface RunningProgram extends AsyncDisposable {
  /** Its address, without a slash at the end. */
  readonly at: string
}

/** Writes a file into a new folder for blocks. */
export async function writeBlock(
  name: string,
  code: string,
): Promise<{ path: string; folder: string }> {
  await mkdir(PARENT, { recursive: true })
  const folder = await mkdtemp(join(PARENT, 'run-'))
  const path = join(folder, name)
  await writeFile(path, code)
  return { path, folder }
}

/** Runs a program as a reader would, in a folder of its own, and waits until it listens. */
export async function run(
  code: string,
  env: Readonly<Record<string, string>>,
): Promise<RunningProgram> {
  const { path, folder } = await writeBlock('server.ts', code)
  const child = fork(path, {
    cwd: folder,
    execPath: process.execPath,
    execArgv: ['--conditions=@adjourn/source', '--import', REPORT_PORT],
    env: { ...process.env, NODE_ENV: 'test', ...env, PORT: '0' },
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  })
  const complaints = child.stderr === null ? Promise.resolve('') : text(child.stderr)
  const exited = once(child, 'exit')
  const late = setTimeout(() => child.kill('SIGKILL'), START_MS)
  const port = await Promise.race([
    once(child, 'message').then(([told]) => Number(told)),
    exited.then(() => undefined),
  ])
  clearTimeout(late)
  if (port === undefined) {
    await rm(folder, { recursive: true })
    throw new Error(`The program ended before it listened: ${await complaints}`)
  }
  return {
    at: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      child.kill()
      await exited
      await rm(folder, { recursive: true })
    },
  }
}

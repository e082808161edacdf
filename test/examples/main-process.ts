import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const START_MS = 30_000

/** An example as `npm start` runs it. */
export interface MainProcess extends AsyncDisposable {
  /** Where it says that it listens; undefined: it ended before that. */
  readonly origin: string | undefined
  kill(signal: NodeJS.Signals): void
  /** Resolves when it has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>
}

/** @param env All that it finds in its environment. */
export async function runMain(
  example: string,
  env: Readonly<Record<string, string>>,
): Promise<MainProcess> {
  const script = fileURLToPath(new URL(`../../examples/${example}/src/main.ts`, import.meta.url))
  const child = spawn(process.execPath, ['--conditions=@adjourn/source', script], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const late = setTimeout(() => child.kill('SIGKILL'), START_MS)
  const stderr = text(child.stderr)
  const ended = once(child, 'close').then(async () => ({
    code: child.exitCode,
    stderr: await stderr,
  }))
  const lines = createInterface(child.stdout)
  const line = once(lines, 'line').then(([said]) => String(said))
  const origin = await Promise.race([line, ended.then(() => undefined)])
  clearTimeout(late)
  return {
    origin: origin?.replace('localhost', '127.0.0.1'),
    kill: (signal) => child.kill(signal),
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

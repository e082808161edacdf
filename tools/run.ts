import { type ChildProcess, spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'

/** The repository's root: every command runs here. */
export const root: string = join(import.meta.dirname, '..')

export interface Outcome {
  readonly ok: boolean
  readonly output: string
}

/** What a command says last: how far it is, what it found, or why it failed. */
export const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? ''

const running = new Set<ChildProcess>()
let stopping = false

const environment = (): NodeJS.ProcessEnv => {
  const { FORCE_COLOR: _, ...rest } = process.env
  const binaries = join(root, 'node_modules', '.bin')
  return {
    ...rest,
    PATH: [binaries, rest['PATH']].join(delimiter),
    NO_COLOR: '1',
    TURBO_TELEMETRY_DISABLED: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
  }
}

/** Signals a child and whatever it started: each child leads a process group of its own. */
const signalGroup = (child: ChildProcess, signal: NodeJS.Signals): void => {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // The group is gone already.
  }
}

/** Runs a command to its end and resolves to what it printed; nothing that it started outlives it. */
export const run = (
  command: string,
  onOutput?: (text: string) => void,
  env: Record<string, string> = {},
): Promise<Outcome> => {
  const [file = '', ...args] = command.split(' ')
  const child = spawn(file, args, {
    cwd: root,
    env: { ...environment(), ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      onOutput?.(text)
    })
  }
  return new Promise((resolve) => {
    child.on('error', (error) => {
      running.delete(child)
      resolve({ ok: false, output: `${file} did not start: ${error.message}` })
    })
    // What a child leaves behind holds its pipes open: give it a second, then end it.
    child.on('exit', () => setTimeout(signalGroup, 1000, child, 'SIGKILL').unref())
    child.on('close', (code, signal) => {
      running.delete(child)
      signalGroup(child, 'SIGKILL')
      if (stopping) return
      resolve({
        ok: code === 0,
        output: signal === null ? output : `${output}\nended by ${signal}`,
      })
    })
  })
}

/** Ends whatever runs, politely and after five seconds for good; `run` resolves no more. */
export const stopAll = async (): Promise<void> => {
  stopping = true
  const closed = [...running].map((child) => new Promise((resolve) => child.once('close', resolve)))
  for (const child of running) signalGroup(child, 'SIGTERM')
  const late = setTimeout(() => {
    for (const child of running) signalGroup(child, 'SIGKILL')
  }, 5000)
  await Promise.all(closed)
  clearTimeout(late)
}

import { spawn, type ChildProcess } from 'node:child_process'

export interface Child {
  /** The first line that it prints, or the first that is `awaited`; rejects if it ends before. */
  readonly line: Promise<string>
  /** Resolves when it has ended well, and rejects with what it printed otherwise. */
  readonly ended: Promise<void>
  /** Ends it and whatever it started. */
  stop(): void
}

export interface ChildOptions {
  /** It ends within so many milliseconds, by itself or not. */
  readonly timeout: number
  /** Default: any line. */
  readonly awaited?: RegExp
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
}

const running = new Set<ChildProcess>()

export function startChild(command: readonly string[], options: ChildOptions): Child {
  const { timeout, awaited = /^/, ...where } = options
  const [file = '', ...args] = command
  // Each leads a process group of its own.
  const child = spawn(file, args, { ...where, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  let output = ''
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    signalGroup(child)
  }, timeout)
  const ended = new Promise<void>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(timer)
      running.delete(child)
      const how = isLate ? `was not done within ${timeout / 1000} s` : `ended with ${code}`
      if (code === 0) resolve()
      else reject(new Error(`${file} ${how}\n${output.slice(-3000)}`))
    })
  })
  const line = new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
        if (stream !== child.stdout) return
        const lines = output.split('\n').slice(0, -1)
        const found = lines.find((each) => awaited.test(each))
        if (found !== undefined) resolve(found)
      })
    }
    ended.then(() => reject(new Error(`${file} has not printed what was awaited`)), reject)
  })
  // Who waits for the one need not wait for the other.
  line.catch(() => {})
  ended.catch(() => {})
  return { line, ended, stop: () => signalGroup(child) }
}

/** Ends all that still run. */
export function stopChildren(): void {
  for (const child of running) signalGroup(child)
}

function signalGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It is gone already.
  }
}

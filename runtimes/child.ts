import { spawn, type ChildProcess } from 'node:child_process'

export interface Child {
  /** The first line that it prints; rejects if it ends before. */
  readonly firstLine: Promise<string>
  /** Resolves when it has ended well, and rejects with what it printed otherwise. */
  readonly ended: Promise<void>
  /** Ends it and whatever it started. */
  stop(): void
}

const running = new Set<ChildProcess>()

/** Starts a process that ends within so many milliseconds, by itself or not. */
export function startChild(command: readonly string[], timeout: number): Child {
  const [file = '', ...args] = command
  // Each leads a process group of its own.
  const child = spawn(file, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
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
  const firstLine = new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
        if (stream === child.stdout && output.includes('\n')) resolve(output.split('\n')[0] ?? '')
      })
    }
    ended.then(() => reject(new Error(`${file} has printed nothing`)), reject)
  })
  // Who waits for the one need not wait for the other.
  firstLine.catch(() => {})
  ended.catch(() => {})
  return { firstLine, ended, stop: () => signalGroup(child) }
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

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** The path of a file in a directory of its own, which goes with it. */
export function temporaryFile(): Disposable & { readonly path: string } {
  const directory = mkdtempSync(join(tmpdir(), 'adjourn-sqlite-'))
  return {
    path: join(directory, 'sessions.db'),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true }),
  }
}

/** A process of its own that works on a file, see `child.ts`. */
export interface Child extends AsyncDisposable {
  /** What it has said so far, line by line. */
  readonly lines: readonly string[]
  /** Once it has said so many lines, or at its end. */
  said(lines: number): Promise<void>
  /** SIGKILL: it has no chance to clean up. Resolves when it is gone and all it said has arrived. */
  kill(): Promise<void>
  /** Its exit code, null if it was killed. */
  readonly exited: Promise<number | null>
}

const SCRIPT = fileURLToPath(new URL('child.ts', import.meta.url))

export function startChild(task: string, path: string, ...args: readonly string[]): Child {
  const child = spawn(
    process.execPath,
    ['--conditions=@adjourn/source', SCRIPT, task, path, ...args],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const lines: string[] = []
  const reader = createInterface(child.stdout).on('line', (line) => lines.push(line))
  const closed = once(child, 'close')
  const exited = closed.then(([code]) => code as number | null)
  return {
    lines,
    exited,
    async said(count) {
      while (lines.length < count) {
        const [event] = await Promise.race([
          once(reader, 'line').then(() => ['line']),
          closed.then(() => ['close']),
        ])
        if (event === 'close') return
      }
    },
    async kill() {
      child.kill('SIGKILL')
      await closed
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await closed
    },
  }
}

import type { Revocation, SessionRecord } from '@adjourn/core'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export const NOW = new Date('2060-01-01T12:00:00.000Z')

export const later = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000)

let names = 0

/** A name that no other process has given either. */
export const name = (what: string): string => `${what}-${process.pid}-${names++}`

export const record = (fields: Partial<SessionRecord> = {}): SessionRecord => ({
  id: name('session'),
  secretHash: 'hash',
  userId: 'ann',
  groups: [{ group: 'everyone', epoch: null }],
  data: '{"count":0}',
  version: 1,
  createdAt: NOW,
  authenticatedAt: NOW,
  lastSeenAt: NOW,
  expiresAt: later(3600),
  endsAt: later(86_400),
  ...fields,
})

export const member = (group: string, epoch: number | null = null): SessionRecord =>
  record({ groups: [{ group, epoch }] })

export const revocation = (group: string, now = NOW): Revocation => ({
  group,
  now,
  expiresAt: new Date(now.getTime() + 400 * 86_400_000),
})

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

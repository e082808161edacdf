import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { Backend, Framework } from '../measure/subject.ts'

/** What a child is told. */
export interface Job {
  readonly subject: string
  readonly framework: Framework
  readonly uri: string
  readonly db: string
  readonly folder: string
  readonly cookie: string
}

export interface Child {
  /** The first thing that it said. */
  readonly said: unknown
  /** Ends it, and resolves when it has ended. */
  readonly stop: () => Promise<void>
}

/** A fresh process of one of this folder's files. */
export function startChild(file: string, job: Readonly<Record<string, unknown>>): Promise<Child> {
  const child = fork(join(import.meta.dirname, file), [JSON.stringify(job)], {
    execArgv: ['--expose-gc'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const stop = async (): Promise<void> => {
    if (child.connected) child.disconnect()
    await ended
  }
  return new Promise((resolve, reject) => {
    child.once('message', (said) => resolve({ said, stop }))
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code} and said nothing`)))
  })
}

/** In a child: what it was told. */
export function readJob(): unknown {
  return JSON.parse(process.argv[2] ?? '')
}

/** In a child: says it to the parent. The process ends when that lets go of it. */
export function say(words: unknown): void {
  process.once('disconnect', () => process.exit())
  process.send?.(words)
}

/** The parent's backend, for a child that opens the same sessions. */
export function jobFor(
  { uri, folder }: Backend,
  job: Pick<Job, 'subject' | 'framework' | 'db' | 'cookie'>,
): Readonly<Record<keyof Job, string>> {
  return { ...job, uri, folder }
}

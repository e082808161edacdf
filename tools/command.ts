import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { delimiter, resolve } from 'node:path'

export type Log = (line: string) => void

export interface RunOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  /** In milliseconds; 0: none. */
  readonly timeout?: number
  readonly signal?: AbortSignal
}

/** Resolves to what it wrote to stdout. */
export function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { timeout = 30_000 } = options
  return new Promise((done, reject) => {
    execFile(command, args, { ...options, timeout }, (error, stdout, stderr) => {
      if (error === null) return done(stdout)
      const silence = error.killed === true && `${command}: no answer in ${timeout / 1000} s`
      reject(new Error(silence || (firstPoint(stderr) ?? error.message), { cause: error }))
    })
  })
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The executables of these names on the PATH, the first name first. */
export async function findOnPath(names: readonly string[]): Promise<string[]> {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const found: string[] = []
  for (const name of names) {
    for (const folder of folders) {
      const path = resolve(folder, name)
      if (await isExecutable(path)) found.push(path)
    }
  }
  return found
}

export async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function firstPoint(stderr: string): string | undefined {
  const lines = stderr.split('\n').map((line) => line.trim())
  // npm and apt-get warn about settings before they come to the point.
  return lines.find((line) => line !== '' && !/^(?:npm warn\b|W:)/.test(line))
}

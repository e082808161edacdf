import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export type Log = (line: string) => void

/** A mongod that was seen running on this machine. */
export interface Binary {
  readonly path: string
  /** What its process needs on top of ours. */
  readonly env: Record<string, string>
  readonly version: string
  /** The mongos beside it, for sharded clusters; it needs the same `env`. */
  readonly mongos?: string
}

export interface RunOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  /** In milliseconds; 0: none. */
  readonly timeout?: number
  readonly signal?: AbortSignal
}

const EXECUTABLE_SUFFIX = process.platform === 'win32' ? '.exe' : ''

export function executable(folder: string, name: 'mongod' | 'mongos'): string {
  return join(folder, `${name}${EXECUTABLE_SUFFIX}`)
}

export async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Rejects if it does not run here: a file that is there may still lack its libraries. */
export async function readBinary(path: string, env: Record<string, string> = {}): Promise<Binary> {
  const output = await run(path, ['--version'], { env: { ...process.env, ...env } })
  const version = /db version v(\d+\.\d+\.\d+)/.exec(output)?.[1]
  if (version === undefined) throw new Error(`${path} is not a mongod`)
  const mongos = executable(dirname(path), 'mongos')
  return { path, env, version, ...((await isExecutable(mongos)) && { mongos }) }
}

/** Resolves to what it wrote to stdout. */
export function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { timeout = 30_000 } = options
  return new Promise((resolve, reject) => {
    execFile(command, args, { ...options, timeout }, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout)
      const silence = error.killed === true && `${command}: no answer in ${timeout / 1000} s`
      reject(new Error(silence || (firstPoint(stderr) ?? error.message), { cause: error }))
    })
  })
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function firstPoint(stderr: string): string | undefined {
  const lines = stderr.split('\n').map((line) => line.trim())
  // npm and apt-get warn about settings before they come to the point.
  return lines.find((line) => line !== '' && !/^(?:npm warn\b|W:)/.test(line))
}

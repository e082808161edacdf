import { dirname, join } from 'node:path'
import { isExecutable, run } from './command.ts'

/** A mongod that was seen running on this machine. */
export interface Binary {
  readonly path: string
  /** What its process needs on top of ours. */
  readonly env: Record<string, string>
  readonly version: string
  /** The mongos beside it, for sharded clusters; it needs the same `env`. */
  readonly mongos?: string
}

const EXECUTABLE_SUFFIX = process.platform === 'win32' ? '.exe' : ''

export function executableName(name: 'mongod' | 'mongos'): string {
  return `${name}${EXECUTABLE_SUFFIX}`
}

/** Rejects if it does not run here: a file that is there may still lack its libraries. */
export async function readBinary(path: string, env: Record<string, string> = {}): Promise<Binary> {
  const output = await run(path, ['--version'], { env: { ...process.env, ...env } })
  const version = /db version v(\d+\.\d+\.\d+)/.exec(output)?.[1]
  if (version === undefined) throw new Error(`${path} is not a mongod`)
  const mongos = join(dirname(path), executableName('mongos'))
  return { path, env, version, ...((await isExecutable(mongos)) && { mongos }) }
}

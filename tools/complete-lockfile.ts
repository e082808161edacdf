/**
 * Adds to package-lock.json the binaries for other platforms that npm left out. npm drops an optional
 * dependency that its registry does not have, as a mirror may not, and `npm ci` then refuses the
 * lockfile. Run it after every change of dependencies: `npm install && npm run complete-lockfile`.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

interface Entry {
  readonly version?: string
  readonly dev?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

interface Lockfile {
  packages: Record<string, Entry>
}

const systems = new Map([['windows', 'win32']])
const processors = new Map([
  ['64', 'x64'],
  ['arm', 'arm'],
])

/** What a platform package says of itself, read from its name: `…-linux-x64-gnu`, `…/darwin-64`. */
function platformOf(name: string): { os: string[]; cpu: string[] } | undefined {
  const match =
    /(android|darwin|freebsd|linux|openharmony|win32|windows)-(arm64|arm|x64|64|ia32|ppc64|riscv64|s390x)/.exec(
      name,
    )
  const [, os = '', cpu = ''] = match ?? []
  if (match === null) return undefined
  return { os: [systems.get(os) ?? os], cpu: [processors.get(cpu) ?? cpu] }
}

const path = join(import.meta.dirname, '..', 'package-lock.json')
const lockfile = JSON.parse(await readFile(path, 'utf8')) as Lockfile
const missing = Object.values(lockfile.packages).flatMap((parent) =>
  Object.entries(parent.optionalDependencies ?? {}).flatMap(([name, version]) => {
    const key = `node_modules/${name}`
    const platform = platformOf(name)
    if (key in lockfile.packages || platform === undefined || !/^\d/.test(version)) return []
    const entry = { version, ...(parent.dev && { dev: true }), optional: true, ...platform }
    return [[key, entry] as const]
  }),
)
const entries = [...Object.entries(lockfile.packages), ...missing].toSorted(([a], [b]) =>
  a < b ? -1 : 1,
)
lockfile.packages = Object.fromEntries<Entry>(entries)
await writeFile(path, `${JSON.stringify(lockfile, null, 2)}\n`)
console.log(`package-lock.json: ${missing.length} platform packages added`)

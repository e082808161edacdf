import { execFile } from 'node:child_process'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { root } from '../docs/documents.ts'
import type { Published } from './published.ts'

export type Kind = 'web' | 'node'

const pinned = join(import.meta.dirname, 'pinned')

interface Lockfile {
  readonly packages: Readonly<Record<string, { readonly version?: string }>>
}

const readJson = async (path: string): Promise<unknown> => JSON.parse(await readFile(path, 'utf8'))

/** What a pinned project has of its own: what an app may have beside Adjourn. */
export async function dependenciesOf(kind: Kind): Promise<string[]> {
  const manifest = await readJson(join(pinned, kind, 'package.json'))
  return Object.keys((manifest as { dependencies: Record<string, string> }).dependencies)
}

/** Installs the compilers, and the oldest Node that is promised, unless they are there. */
export async function installCompilers(): Promise<string> {
  const folder = join(pinned, 'compilers')
  const stamp = join(folder, 'node_modules', '.installed-lock.json')
  const wanted = await readFile(join(folder, 'package-lock.json'), 'utf8')
  const installed = await readFile(stamp, 'utf8').catch(() => undefined)
  if (installed !== wanted) {
    await npm(folder, ['ci', ...QUIET])
    await writeFile(stamp, wanted)
  }
  return join(folder, 'node_modules')
}

/** Packs packages as they would be published, and resolves to the paths of the tarballs. */
export async function pack(packages: readonly Published[], to: string): Promise<string[]> {
  const workspaces = packages.map(({ folder }) => `--workspace=${folder}`)
  const output = await npm(root, ['pack', '--json', `--pack-destination=${to}`, ...workspaces])
  const packed = JSON.parse(output) as readonly { readonly filename: string }[]
  return packed.map(({ filename }) => join(to, basename(filename)))
}

/**
 * Makes a fresh project with tarballs beside what the pinned one has. Nothing else may come in: what
 * a tarball needs has its version in the lockfile.
 */
export async function createProject(
  kind: Kind,
  tarballs: readonly string[],
  folder: string,
): Promise<void> {
  for (const name of ['package.json', 'package-lock.json']) {
    await cp(join(pinned, kind, name), join(folder, name))
  }
  await npm(folder, ['install', ...QUIET, ...tarballs])
  const before = await lockedIn(join(pinned, kind))
  const after = await lockedIn(folder)
  const strange = [...after].filter((each) => !before.has(each) && !each.includes('/@adjourn/'))
  if (strange.length > 0) {
    throw new Error(`test/consumers/pinned/${kind} has no version of ${strange.join(', ')}`)
  }
}

async function lockedIn(folder: string): Promise<ReadonlySet<string>> {
  const { packages } = (await readJson(join(folder, 'package-lock.json'))) as Lockfile
  const entries = Object.entries(packages).filter(([path]) => path !== '')
  return new Set(entries.map(([path, { version = '' }]) => `${path}@${version}`))
}

const QUIET = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']

const BOUND_MS = 5 * 60_000

/** Resolves to what it printed. */
export function npm(cwd: string, args: readonly string[]): Promise<string> {
  // The npm that started this says where it works and for which workspace; this one works elsewhere.
  const { npm_config_local_prefix: _, npm_config_workspace: __, ...env } = process.env
  const options = { cwd, env, timeout: BOUND_MS, maxBuffer: 2 ** 26 }
  return new Promise((resolve, reject) => {
    execFile('npm', args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`npm ${args.join(' ')}\n${stderr}`, { cause: error }))
    })
  })
}

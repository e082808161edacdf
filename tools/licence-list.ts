import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from './run.ts'

/** A package that the repository installs. */
export interface Installed {
  readonly name: string
  readonly version: string
  /** An SPDX expression; undefined where it says nothing. */
  readonly licence: string | undefined
  /** The published packages that bring it to whoever installs them; none: only developers get it. */
  readonly broughtBy: readonly string[]
}

interface Entry {
  readonly version?: string
  readonly license?: string
  readonly link?: boolean
  readonly resolved?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

type Lock = ReadonlyMap<string, Entry>

/** What may come with what we publish: each asks for its notice to be kept, and for nothing else. */
const RUNTIME: ReadonlySet<string> = new Set([
  'MIT',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'BlueOak-1.0.0',
])

/** What developers may have besides, and why that is no matter for those who install a package. */
export const DEVELOPMENT: ReadonlyMap<string, string> = new Map([
  ['MPL-2.0', 'axe-core and lightningcss: run by tests and by Vite, unchanged'],
  ['LGPL-3.0-or-later', 'libvips in the sharp of miniflare, which tests run: unchanged, linked'],
  ['CC0-1.0', 'a helper of size-limit: public domain'],
  ['Python-2.0', 'argparse: the licence of Python, permissive'],
])

/** Packages that name their licence in a text only, which somebody has read. */
const READ: ReadonlyMap<string, string> = new Map([['pause@0.0.1', 'MIT']])

/** Every package of the lockfile but our own. */
export async function installedPackages(): Promise<Installed[]> {
  const text = await readFile(join(root, 'package-lock.json'), 'utf8')
  const { packages } = JSON.parse(text) as { packages: Record<string, Entry> }
  const lock = new Map(Object.entries(packages))
  const brought = broughtAlong(lock)
  const found = [...lock].filter(([path, { link }]) => isInstalled(path) && link !== true)
  return Promise.all(
    found.map(async ([path, entry]) => ({
      name: nameOf(path),
      version: entry.version ?? '',
      licence: entry.license ?? (await licenceOf(path, lock)),
      broughtBy: (brought.get(path) ?? []).toSorted(),
    })),
  )
}

/** Those whose licence is not on the list for where they go. */
export function refused(packages: readonly Installed[]): Installed[] {
  return packages.filter(({ licence = '', broughtBy }) => {
    const parts = licence.split(' AND ')
    return !parts.every(
      (part) => RUNTIME.has(part) || (broughtBy.length === 0 && DEVELOPMENT.has(part)),
    )
  })
}

const isInstalled = (path: string): boolean => path.includes('node_modules/')

const nameOf = (path: string): string => path.split('node_modules/').at(-1) ?? path

/** Binaries for other platforms have no licence in the lockfile: it is that of who asks for them. */
async function licenceOf(path: string, lock: Lock): Promise<string | undefined> {
  const manifest = await readFile(join(root, path, 'package.json'), 'utf8').catch(() => '{}')
  // Old ones have a list of licences, to choose from.
  const { license, licenses } = JSON.parse(manifest) as {
    license?: string
    licenses?: readonly { readonly type: string }[]
  }
  const name = nameOf(path)
  const parent = [...lock.values()].find((each) => name in (each.optionalDependencies ?? {}))
  const read = READ.get(`${name}@${lock.get(path)?.version ?? ''}`)
  return license ?? licenses?.[0]?.type ?? parent?.license ?? read
}

/** By path, the published packages that bring a package along. */
function broughtAlong(lock: Lock): ReadonlyMap<string, string[]> {
  const brought = new Map<string, string[]>()
  for (const ours of [...lock.keys()].filter((path) => /^packages\/[^/]+$/.test(path))) {
    const paths = new Set([ours])
    // A set that grows while it is walked.
    for (const path of paths) {
      const entry = lock.get(path)
      const names = { ...entry?.dependencies, ...entry?.optionalDependencies }
      for (const name of Object.keys(names)) paths.add(resolve(name, path, lock))
    }
    const name = ours.replace('packages/', '@adjourn/')
    for (const path of paths) brought.set(path, [...(brought.get(path) ?? []), name])
  }
  return brought
}

/** Where Node would find a package that another one imports. */
function resolve(name: string, from: string, lock: Lock): string {
  const folders = from.split('/')
  const places = folders.map((_, at) => folders.slice(0, folders.length - at).join('/'))
  const paths = [...places.map((place) => `${place}/`), ''].map(
    (place) => `${place}node_modules/${name}`,
  )
  const path = paths.find((each) => lock.has(each))
  if (path === undefined) throw new Error(`${name}, which ${from} needs, is not in the lockfile`)
  const { link, resolved = path } = lock.get(path) ?? {}
  return link === true ? resolved : path
}

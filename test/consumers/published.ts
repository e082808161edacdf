import { glob, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { root } from '../docs/documents.ts'

/** A package as it is published, and where it is here. */
export interface Published {
  readonly name: string
  readonly version: string
  /** From the root. */
  readonly folder: string
  readonly entries: readonly Entry[]
  /** The packages that an app must bring along. */
  readonly peers: readonly string[]
}

/** What can be imported from a package. */
interface Entry {
  /** `@adjourn/core/testing` */
  readonly specifier: string
  /** `core.testing`: its name as a part of a file name. */
  readonly label: string
  /** The absolute path of its built declarations. */
  readonly types: string
}

interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional: boolean }>>
}

/** Every package that is published, by name. */
export async function publishedPackages(): Promise<Published[]> {
  const found: Published[] = []
  for await (const path of glob('packages/*/package.json', { cwd: root })) {
    const manifest = JSON.parse(await readFile(join(root, path), 'utf8')) as Manifest
    if (manifest.private !== true) found.push(published(dirname(path), manifest))
  }
  return found.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function published(folder: string, manifest: Manifest): Published {
  const { name, version, peerDependencies = {}, peerDependenciesMeta: meta } = manifest
  const peers = Object.keys(peerDependencies).filter((peer) => meta?.[peer]?.optional !== true)
  const entries = Object.entries(manifest.exports).flatMap(([path, target]) => {
    if (typeof target === 'string') return []
    const specifier = join(name, path)
    const label = specifier.replace(/^@[^/]+\//, '').replaceAll('/', '.')
    return [{ specifier, label, types: join(root, folder, target.types) }]
  })
  return { name, version, folder, entries, peers }
}

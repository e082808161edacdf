import { build } from 'esbuild'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../tools/command.ts'

const ROOT = join(import.meta.dirname, '..')
const TESTS = join(ROOT, 'test', 'runtimes')
const BUILT = join(import.meta.dirname, '.built')
const PACKAGES = ['core', 'hono', 'mongodb', 'sqlite', 'tokens']

const ENTRIES = ['probe', 'worker-web', 'worker-suites', 'worker-requests']

const FORMAT = { bundle: true, format: 'esm', target: 'es2023' } as const

/** Its imports of packages find what users would have. */
export const PROBE: string = join(BUILT, 'probe.js')

/** Packs the packages, unpacks them as an install would, and bundles the tests to run on them. */
export async function buildTests(): Promise<void> {
  await rm(BUILT, { recursive: true, force: true })
  await unpackPackages(join(BUILT, 'node_modules', '@adjourn'), PACKAGES)
  await build({
    entryPoints: ENTRIES.map((name) => join(TESTS, `${name}.ts`)),
    outdir: BUILT,
    platform: 'node',
    // Only the tests' own files are put together.
    packages: 'external',
    ...FORMAT,
  })
}

/** A worker with everything in it, as workerd knows no node_modules. */
export async function bundleWorker(name: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(BUILT, `${name}.js`)],
    write: false,
    conditions: ['workerd', 'worker', 'browser'],
    // Left to workerd, which refuses a worker that imports one without its flag.
    external: ['node:*'],
    ...FORMAT,
  })
  return outputFiles[0]?.text ?? ''
}

/** Packs the packages of these names into a folder, and unpacks each as an install would. */
export async function unpackPackages(folder: string, names: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true })
  const all = names.flatMap((name) => ['-w', `packages/${name}`])
  const args = ['pack', ...all, '--ignore-scripts', '--silent', '--pack-destination', folder]
  await run('npm', args, { cwd: ROOT, timeout: 120_000 })
  for (const file of await readdir(folder)) {
    const [, name = ''] = /^adjourn-(\w+)-/.exec(file) ?? []
    await run('tar', ['-xzf', join(folder, file), '-C', folder], {})
    await rename(join(folder, 'package'), join(folder, name))
    await rm(join(folder, file))
  }
}

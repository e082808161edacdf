import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { compile, COMPILATIONS, isForTheWeb, runNode, valuesOf, writeEveryName } from './compile.ts'
import { createProject, installCompilers, pack, type Kind } from './install.ts'
import { publishedPackages, type Published } from './published.ts'
import { acceptedSurface } from './surface.ts'
import { STORES } from './versions/fixtures.ts'
import { installPrevious } from './versions/previous.ts'
import { serveTheSameStore } from './versions/rolling.ts'
import { installedVersion, type Version } from './versions/version.ts'

const say = (words: string): void => console.log(`  consumers: ${words}`)

const packages = await publishedPackages()
const entries = await Promise.all(
  packages.flatMap(({ entries: own, peers }) =>
    own.map(async (entry) => ({
      ...entry,
      surface: await acceptedSurface(entry.label),
      isForTheWeb: await isForTheWeb(entry, peers),
    })),
  ),
)
const scratch = await mkdtemp(join(tmpdir(), 'adjourn-consumers-'))
const projects: Readonly<Record<Kind, string>> = {
  web: join(scratch, 'web'),
  node: join(scratch, 'node'),
}
let compilers = ''

const entriesFor = (kind: Kind) => entries.filter((each) => kind === 'node' || each.isForTheWeb)

function packagesFor(kind: Kind): Published[] {
  const specifiers = new Set(entriesFor(kind).map(({ specifier }) => specifier))
  return packages.filter((each) => each.entries.some(({ specifier }) => specifiers.has(specifier)))
}

beforeAll(async () => {
  say('installing three compilers and Node 22.13')
  compilers = await installCompilers()
  say(`packing ${packages.length} packages`)
  await mkdir(join(scratch, 'tarballs'))
  for (const kind of ['web', 'node'] as const) {
    const mine = packagesFor(kind)
    const tarballs = await pack(mine, join(scratch, 'tarballs'))
    say(`installing ${mine.map(({ name }) => name).join(', ')} into a fresh ${kind} app`)
    await mkdir(projects[kind])
    await createProject(kind, tarballs, projects[kind])
    await writeEveryName(projects[kind], entriesFor(kind))
    await cp(join(import.meta.dirname, 'programs', kind), projects[kind], { recursive: true })
  }
}, 15 * 60_000)

afterAll(() => rm(scratch, { recursive: true, force: true }))

describe('an app with the tarballs', () => {
  it('is one on Web standards for core, the Hono binding and tokens', () => {
    const specifiers = entriesFor('web').map(({ specifier }) => specifier)
    expect(specifiers).toEqual(
      expect.arrayContaining(['@adjourn/core', '@adjourn/hono', '@adjourn/tokens']),
    )
  })

  it.each(COMPILATIONS)(
    'compiles with TypeScript $typescript, $resolution, for $kind with $lib',
    async (compilation) => {
      expect(await compile(compilation, projects[compilation.kind], compilers)).toBe('')
    },
    3 * 60_000,
  )

  it.each(['require', 'import'])(
    'gets the names of every entry by %s on Node 22.13',
    async (how) => {
      const names = await readdir(compilers)
      const node = names.find((name) => name.startsWith('node-'))
      const runtime = join(compilers, node ?? 'no Node 22.13 for this platform', 'bin', 'node')
      expect(await runNode(runtime, ['--version'], scratch)).toMatch(/^v22\.13\./)
      const program = `(async () => {
        const found = {}
        for (const name of ${JSON.stringify(entries.map(({ specifier }) => specifier))})
          found[name] = Object.keys(${how === 'require' ? 'require' : 'await import'}(name)).sort()
        console.log(JSON.stringify(found))
      })()`
      const file = join(projects.node, `${how}.cjs`)
      await writeFile(file, program)
      const expected = entries.map(({ specifier, surface }) => [specifier, valuesOf(surface)])
      const output = await runNode(runtime, [file], projects.node)
      expect(JSON.parse(output)).toEqual(Object.fromEntries(expected))
    },
  )
})

describe('the version before and this one', () => {
  let versions: readonly [Version, Version]
  beforeAll(async () => {
    const folder = join(scratch, 'previous')
    await mkdir(folder)
    const found = await installPrevious(folder)
    const isPublished = found !== undefined
    say(
      isPublished
        ? `the version before is ${found}`
        : 'no version is published yet: a second copy of this one stands in for it',
    )
    if (!isPublished) await cp(projects.node, folder, { recursive: true })
    versions = [await installedVersion(folder), await installedVersion(projects.node)]
    expect(versions[0].core).not.toBe(versions[1].core)
  }, 5 * 60_000)

  describe.each(STORES)('on one $store', ({ store, place }) => {
    serveTheSameStore(
      () => versions,
      () => place(inject('mongodbUri'), `rolling-${store}`),
    )
  })
})

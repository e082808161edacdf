import { readFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../docs/documents.ts'
import { run } from '../../tools/command.ts'
import { publishedPackages } from './published.ts'

interface Packed {
  readonly name: string
  readonly files: readonly { readonly path: string }[]
}

const packages = await publishedPackages()
const output = await run(
  'npm',
  ['pack', '--dry-run', '--json', ...packages.map(({ folder }) => `--workspace=${folder}`)],
  { cwd: root },
)
const packed = JSON.parse(output) as readonly Packed[]

/** What the compiler makes of a source file. */
function builtFrom(source: string): string[] {
  const name = source.replace(/^src\//, 'dist/').replace(/\.ts$/, '')
  return ['.js', '.js.map', '.d.ts', '.d.ts.map'].map((extension) => `${name}${extension}`)
}

describe.each(packages)('the tarball of $name', ({ name, folder }) => {
  const paths = packed.find((each) => each.name === name)?.files.map(({ path }) => path) ?? []
  const sources = paths.filter((path) => /^src\/.*\.ts$/.test(path))

  it('holds its sources, what is built from each of them, its papers, and nothing else', () => {
    expect(sources).toContain('src/index.ts')
    const papers = ['LICENSE', 'README.md', 'package.json']
    const rest = paths.filter((path) => path !== 'CHANGELOG.md')
    const expected = [...papers, ...sources, ...sources.flatMap(builtFrom)]
    expect(rest.toSorted()).toEqual(expected.toSorted())
  })

  it('takes along the CHANGELOG once there is one, and runs nothing when it is installed', async () => {
    const manifest = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8')) as {
      files: string[]
      scripts: Record<string, string>
    }
    expect(manifest.files).toEqual(['CHANGELOG.md', 'dist', 'src'])
    expect(Object.keys(manifest.scripts)).toEqual(['build', 'package-check'])
  })

  it('has the sources that its source maps point to', async () => {
    const maps = paths.filter((path) => path.endsWith('.map'))
    expect(maps.length).toBeGreaterThan(0)
    for (const map of maps) {
      const text = await readFile(join(root, folder, map), 'utf8')
      const { sources: named } = JSON.parse(text) as { sources: string[] }
      const found = named.map((each) => normalize(join(dirname(map), each)))
      expect(paths, map).toEqual(expect.arrayContaining(found))
    }
  })

  it('is under the licence of the repository', async () => {
    const [here, there] = await Promise.all(
      [root, join(root, folder)].map((each) => readFile(join(each, 'LICENSE'), 'utf8')),
    )
    expect(there).toBe(here)
  })
})

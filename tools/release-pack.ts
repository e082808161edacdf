/**
 * `npm run release:pack`: everything that a release hands out, into `release/`: the tarballs, the
 * bill of materials, the notes. Publishes nothing; the workflow does, with these very files.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from './command.ts'
import { root } from './run.ts'
import { latestNotes } from './release-notes.ts'
import { billOfMaterials } from './sbom.ts'

const folder = join(root, 'release')
const BOUND_MS = 5 * 60_000

await rm(folder, { recursive: true, force: true })
await mkdir(folder)
await run('npm', ['run', '--silent', 'build'], { cwd: root, timeout: BOUND_MS })
const workspaces = ['pack', `--pack-destination=${folder}`, '--json', ...(await published())]
const packed = JSON.parse(await run('npm', workspaces, { cwd: root })) as readonly Packed[]

const [version = '', ...others] = new Set(packed.map((each) => each.version))
if (others.length > 0)
  throw new Error(`The packages have versions ${version}, ${others.join(', ')}`)
await writeFile(join(folder, 'VERSION'), `${version}\n`)

const changelog = await readFile(join(root, 'packages', 'core', 'CHANGELOG.md'), 'utf8').catch(
  () => '',
)
await writeFile(join(folder, 'NOTES.md'), latestNotes(changelog, version))

const tarballs = packed.map(({ filename }) => join(folder, filename))
const bill = await billOfMaterials(version, tarballs)
await writeFile(join(folder, `adjourn-${version}.cdx.json`), `${JSON.stringify(bill, null, 2)}\n`)
console.log(`release: ${packed.length} tarballs of ${version} and their bill of materials`)

interface Packed {
  readonly filename: string
  readonly version: string
}

/** What is in `packages` is published, and nothing else is. */
async function published(): Promise<string[]> {
  const folders = await readdir(join(root, 'packages'))
  return folders.map((name) => `--workspace=packages/${name}`)
}

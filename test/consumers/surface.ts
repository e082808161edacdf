import { glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { surfacesOf, type Surface } from '@adjourn/apidocs/surface'
import { publishedPackages } from './published.ts'

export const HOW_TO_ACCEPT =
  'If that is wanted, npm run api:accept takes it over: look at the diff, and write a changeset.'

const folder = join(import.meta.dirname, 'api')

const pathOf = (label: string): string => join(folder, `${label}.txt`)

/** What each entry point exports now, by its label. */
export async function builtSurfaces(): Promise<ReadonlyMap<string, Surface>> {
  const entries = (await publishedPackages()).flatMap((each) => each.entries)
  const surfaces = surfacesOf(entries.map(({ types }) => types))
  return new Map(entries.map(({ label }, at) => [label, surfaces[at] ?? new Map()]))
}

/** The labels of the entry points that have been accepted. */
export async function acceptedLabels(): Promise<string[]> {
  const found: string[] = []
  for await (const name of glob('*.txt', { cwd: folder })) found.push(name.replace(/\.txt$/, ''))
  return found.toSorted()
}

/** What was accepted for an entry point; nothing, if it is new. */
export async function acceptedSurface(label: string): Promise<Surface> {
  return parse(await readFile(pathOf(label), 'utf8').catch(() => ''))
}

/** Takes over what is built now. */
export async function acceptSurfaces(): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  for (const [label, surface] of await builtSurfaces()) {
    await writeFile(pathOf(label), format(surface))
  }
}

/** Each declaration under a line with its name. */
export function format(surface: Surface): string {
  return [...surface].map(([name, text]) => `// ${name}\n${text}\n`).join('\n')
}

export function parse(text: string): Surface {
  const blocks = text.split(/^\/\/ /m).slice(1)
  return new Map(
    blocks.map((block) => {
      const [name = '', ...lines] = block.trimEnd().split('\n')
      return [name, lines.join('\n')]
    }),
  )
}

/** Which names came, went and changed, a line each. */
export function changes(accepted: Surface, built: Surface): string[] {
  const gone = [...accepted.keys()].filter((name) => !built.has(name))
  const come = [...built.keys()].filter((name) => !accepted.has(name))
  const other = [...built].filter(([name, text]) => (accepted.get(name) ?? text) !== text)
  return [
    ...gone.map((name) => `removed: ${name}`),
    ...come.map((name) => `added: ${name}`),
    ...other.map(([name]) => `changed: ${name}`),
  ]
}

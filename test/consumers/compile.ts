import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Surface } from '@adjourn/apidocs/surface'
import { dependenciesOf, type Kind } from './install.ts'
import type { Published } from './published.ts'

type Entry = Published['entries'][number]

/** One compiler with one set of options. */
export interface Compilation {
  readonly typescript: '5.9' | '6.0' | '7.0'
  readonly resolution: 'nodenext' | 'bundler'
  readonly kind: Kind
  readonly lib: 'DOM' | 'WebWorker'
}

const TYPESCRIPTS = ['5.9', '6.0', '7.0'] as const
const RESOLUTIONS = ['nodenext', 'bundler'] as const

/** Every combination that is promised: the types of Node are there in `node` alone. */
export const COMPILATIONS: readonly Compilation[] = TYPESCRIPTS.flatMap((typescript) =>
  RESOLUTIONS.flatMap((resolution): Compilation[] => [
    { typescript, resolution, kind: 'web', lib: 'DOM' },
    { typescript, resolution, kind: 'web', lib: 'WebWorker' },
    { typescript, resolution, kind: 'node', lib: 'DOM' },
  ]),
)

/** Whether an entry needs nothing but its own packages and what an app on Web standards has. */
export async function isForTheWeb(entry: Entry, peers: readonly string[]): Promise<boolean> {
  const allowed = new Set(await dependenciesOf('web'))
  const needed = [...(await importsOf(entry.types)), ...peers]
  return needed.every((name) => allowed.has(name) || name.startsWith('@adjourn/'))
}

/** The packages that declarations import, and those that they import from their own package. */
async function importsOf(file: string, seen = new Set<string>()): Promise<Set<string>> {
  if (seen.has(file)) return new Set()
  seen.add(file)
  // Without its comments, whose examples import what they like.
  const text = (await readFile(file, 'utf8')).replaceAll(/\/\*.*?\*\//gs, '')
  const found = new Set<string>()
  for (const [, from = ''] of text.matchAll(/(?:from |import\(|import |types=)['"]([^'"]+)['"]/g)) {
    const inner = from.startsWith('.')
      ? await importsOf(resolve(dirname(file), from).replace(/\.[jt]s$/, '.d.ts'), seen)
      : [from]
    for (const each of inner) found.add(each)
  }
  return found
}

/** Programs that import every name there is; the names are those of the committed texts. */
export async function writeEveryName(
  project: string,
  entries: readonly (Entry & { readonly surface: Surface })[],
): Promise<void> {
  for (const { specifier, label, surface } of entries) {
    const names = [...surface.keys()].filter((name) => /^\w+$/.test(name))
    const line = names.length > 0 ? `export { ${names.join(', ')} } from` : 'import'
    await writeFile(join(project, `every-name-of-${label}.ts`), `${line} '${specifier}'\n`)
  }
  const required = entries.map(
    ({ specifier }, at) => `import module${at} = require('${specifier}')\nvoid module${at}\n`,
  )
  await writeFile(join(project, 'required.cts'), required.join(''))
}

/** The names that are there at run time. */
export function valuesOf(surface: Surface): string[] {
  return [...surface]
    .filter(([, text]) => /^export declare (?:function|class|const)/.test(text))
    .map(([name]) => name)
}

/** Resolves to what the compiler says, which is nothing if all is well. */
export async function compile(
  { typescript, resolution, kind, lib }: Compilation,
  project: string,
  compilers: string,
): Promise<string> {
  const isNodeNext = resolution === 'nodenext'
  const config = {
    compilerOptions: {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      noEmit: true,
      target: 'ES2023',
      lib: ['ES2023', lib],
      types: kind === 'node' ? ['node'] : [],
      module: isNodeNext ? 'nodenext' : 'esnext',
      moduleResolution: resolution,
    },
    // A bundler's module has no `import = require`.
    include: isNodeNext ? ['*.ts', '*.cts'] : ['*.ts'],
  }
  const name = `tsconfig.${typescript}-${resolution}-${lib}.json`
  await writeFile(join(project, name), JSON.stringify(config))
  const compiler = join(compilers, `typescript-${typescript}`, 'bin', 'tsc')
  return runNode(process.execPath, [compiler, '-p', name, '--pretty', 'false'], project)
}

/** Resolves to what a program wrote, whether it failed or not; a failure says so. */
export function runNode(node: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((done) => {
    execFile(node, args, { cwd, timeout: 2 * 60_000 }, (error, stdout, stderr) => {
      const failure = error === null ? '' : `${error.message}\n${stderr}`
      done(`${stdout}${failure}`.trim())
    })
  })
}

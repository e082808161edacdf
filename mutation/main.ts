/**
 * Breaks the code of lifecycle, cookie, epochs and stores in every way that Stryker knows, and runs
 * the tests on each. What no test notices must be explained in `survivors.json`.
 *
 *     npm run mutation                   all of it
 *     npm run mutation -- core           one group
 *     npm run mutation -- core seal.ts   of a group, the files whose path ends so
 */
import { globSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { installFolder } from '../tools/install-folder.ts'
import { root } from '../tools/run.ts'
import { groups, type Group } from './groups.ts'
import { tryMutants, type Mutant, type Tried } from './stryker.ts'

const EXPLAINED = join(import.meta.dirname, 'survivors.json')
/** The last run's, in the form in which they are explained. */
const SURVIVED = join(import.meta.dirname, 'survived.json')

type Explained = Mutant & { readonly why: string }

const keyOf = ({ file, line, code, replacement }: Mutant): string =>
  JSON.stringify([file, line, code, replacement])

/** Every step gets what the one before did not notice. */
async function tryGroup({ name, steps }: Group, files: readonly string[]): Promise<Tried[]> {
  const tried = new Map<string, Tried>()
  let mutate = files
  for (const tests of steps) {
    console.log(`${name}: ${tests.join(', ')}`)
    for (const mutant of await tryMutants(mutate, tests)) {
      const key = `${mutant.range} ${mutant.replacement}`
      if (tried.get(key)?.isNoticed !== true) tried.set(key, mutant)
    }
    mutate = [...new Set([...tried.values()].filter((m) => !m.isNoticed).map((m) => m.range))]
    if (mutate.length === 0) break
  }
  return [...tried.values()]
}

function show(name: string, tried: readonly Tried[]): void {
  const noticed = tried.filter(({ isNoticed }) => isNoticed).length
  const percent = ((100 * noticed) / tried.length).toFixed(1)
  console.log(`${percent.padStart(5)} %  ${noticed} of ${tried.length}`.padEnd(24), name)
}

/** What must be explained and is not, and what is explained and need not be. */
async function judge(tried: readonly Tried[]): Promise<void> {
  const survivors = tried.filter(({ isNoticed }) => !isNoticed)
  const explained = JSON.parse(await readFile(EXPLAINED, 'utf8')) as Explained[]
  const known = new Set(explained.map(keyOf))
  const survived = new Set(survivors.map(keyOf))
  const files = new Set(tried.map(({ file }) => file))
  const unexplained = survivors.filter((mutant) => !known.has(keyOf(mutant)))
  const outdated = explained.filter((one) => files.has(one.file) && !survived.has(keyOf(one)))
  for (const one of unexplained) console.log(`not explained: ${keyOf(one)}`)
  for (const one of outdated) console.log(`explained, but noticed or gone: ${keyOf(one)}`)
  console.log(`${survivors.length - unexplained.length} of those not noticed are explained`)
  const list = survivors.map(({ file, line, code, replacement }) => ({
    file,
    line,
    code,
    replacement,
    why: '',
  }))
  await writeFile(SURVIVED, `${JSON.stringify(list, undefined, 2)}\n`)
  if (unexplained.length + outdated.length > 0) process.exitCode = 1
}

async function main([only, ...ends]: readonly string[]): Promise<void> {
  await installFolder({ folder: import.meta.dirname, scripts: false, log: console.log })
  const all: Tried[] = []
  for (const group of groups.filter(({ name }) => only === undefined || name === only)) {
    const files = globSync([...group.mutate], { cwd: root }).filter(
      (file) => ends.length === 0 || ends.some((end) => file.endsWith(end)),
    )
    all.push(...(await tryGroup(group, files)))
  }
  for (const file of new Set(all.map((mutant) => mutant.file))) {
    show(
      file,
      all.filter((mutant) => mutant.file === file),
    )
  }
  show('all', all)
  await judge(all)
}

await main(process.argv.slice(2))

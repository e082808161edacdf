import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lastLine, root, run } from '../tools/run.ts'

const STRYKER = 'mutation/node_modules/@stryker-mutator/core/bin/stryker.js'
const PROGRESS_EVERY = 60_000

/** What Stryker writes, as far as it is read here: the schema of mutation-testing-elements. */
interface Report {
  readonly files: Readonly<
    Record<string, { readonly source: string; readonly mutants: readonly ReportedMutant[] }>
  >
}

interface ReportedMutant {
  readonly mutatorName: string
  readonly replacement: string
  readonly status: string
  readonly location: { readonly start: Position; readonly end: Position }
}

interface Position {
  readonly line: number
  readonly column: number
}

/** A change to the code. Named by its text: line numbers move. */
export interface Mutant {
  readonly file: string
  /** The line that it begins on. */
  readonly line: string
  readonly code: string
  readonly replacement: string
}

export interface Tried extends Mutant {
  readonly isNoticed: boolean
  /** Where it is, as Stryker wants to be told. */
  readonly range: string
}

/** Breaks the files, or ranges of files, in every way, and runs the tests on each. */
export async function tryMutants(
  mutate: readonly string[],
  tests: readonly string[],
): Promise<readonly Tried[]> {
  let progress = 'starting'
  const timer = setInterval(() => console.log(`  ${progress}`), PROGRESS_EVERY)
  const command = `node ${STRYKER} run mutation/stryker.config.json --mutate ${mutate.join(',')}`
  const { ok, output } = await run(
    command,
    (text) => {
      progress = lastLine(text)
    },
    { ADJOURN_MUTATION_TESTS: tests.join(' ') },
  )
  clearInterval(timer)
  if (!ok) throw new Error(`The mutation run failed:\n${output}`)
  const report = await readFile(join(root, 'mutation/report.json'), 'utf8')
  return triedIn(JSON.parse(report) as Report)
}

function triedIn({ files }: Report): Tried[] {
  return Object.entries(files).flatMap(([file, { source, mutants }]) => {
    const lines = source.split('\n')
    return mutants
      .filter(({ status }) => status !== 'Ignored')
      .map((mutant) => ({ ...describe(file, lines, mutant), isNoticed: isNoticed(mutant) }))
  })
}

function isNoticed({ status, location, mutatorName }: ReportedMutant): boolean {
  if (status === 'Killed' || status === 'Timeout') return true
  // RuntimeError: the runner crashed, perhaps on the names of more tests than a filter can hold.
  if (['Survived', 'NoCoverage', 'RuntimeError'].includes(status)) return false
  throw new Error(`${mutatorName} in line ${location.start.line} was not tried: ${status}`)
}

function describe(
  file: string,
  lines: readonly string[],
  { location: { start, end }, replacement }: ReportedMutant,
): Omit<Tried, 'isNoticed'> {
  const touched = lines.slice(start.line - 1, end.line)
  const [first = ''] = touched
  const after = (lines[end.line - 1] ?? '').length - end.column + 1
  const code = touched.join('\n').slice(start.column - 1)
  return {
    file,
    line: oneLine(first),
    code: oneLine(code.slice(0, code.length - after)),
    replacement: oneLine(replacement),
    range: `${file}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`,
  }
}

const oneLine = (code: string): string => code.replaceAll(/\s+/g, ' ').trim()

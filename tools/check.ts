/**
 * What `npm test` runs: every check of the repository in order, one line each; the first that fails
 * prints its output and ends the run. `npm test -- types lint` runs the named stages only.
 */
import { findBrowser, missingBrowser } from './browser-tests.ts'
import { lastLine, type Outcome, run, stopAll } from './run.ts'
import { runTests } from './test-run.ts'

interface Result extends Outcome {
  /** What it found, on the line of the stage. */
  readonly found?: string
  readonly summary?: string
}

/** Calls back with a few words on how far it is. */
type Stage = (onProgress: (words: string) => void) => Promise<Result>

const command =
  (line: string): Stage =>
  (onProgress) =>
    run(line, (text) => onProgress(lastLine(text)))

const commands =
  (...lines: string[]): Stage =>
  async (onProgress) => {
    for (const line of lines) {
      const result = await command(line)(onProgress)
      if (!result.ok) return result
    }
    return { ok: true, output: '' }
  }

/** A command whose last line says what it found. */
const finder =
  (line: string): Stage =>
  async (onProgress) => {
    const result = await command(line)(onProgress)
    return { ...result, found: lastLine(result.output) }
  }

const findChromium: Stage = async (onProgress) => {
  const search = await findBrowser((text) => onProgress(lastLine(text)))
  if (search.kind === 'found') return { ok: true, output: '', found: search.found }
  const words = missingBrowser(search)
  return { ok: search.kind === 'left-out', output: words, found: words }
}

const stages = new Map<string, Stage>([
  ['build', command('turbo run build --output-logs=errors-only')],
  ['types', commands('tsc -p tsconfig.json', 'tsc -p test/types/augment')],
  ['lint', command('oxlint --type-aware --deny-warnings')],
  ['format', command('oxfmt --check')],
  ['dead-code', command('knip')],
  ['packages', command('turbo run package-check --output-logs=errors-only')],
  ['api-docs', command('npm run --silent check -w @adjourn/apidocs')],
  ['sizes', command('size-limit')],
  ['mongod', finder('node tools/mongod.ts')],
  ['chromium', findChromium],
  ['tests', runTests],
])

const progressEvery = 30_000

const assertNode = (): void => {
  const { node } = process.versions
  if (node.startsWith('24.')) return
  console.error(
    `The checks run on Node 24, and this is Node ${node}. Start them with npm test, after npm ci: ` +
      'it uses the Node that the repository pins.',
  )
  process.exit(1)
}

const chosen = (names: readonly string[]): [string, Stage][] => {
  const unknown = names.filter((name) => !stages.has(name))
  if (unknown.length > 0) {
    console.error(
      `No such stage: ${unknown.join(', ')}. There are ${[...stages.keys()].join(', ')}.`,
    )
    process.exit(1)
  }
  return [...stages].filter(([name]) => names.length === 0 || names.includes(name))
}

const runStage = async (name: string, stage: Stage): Promise<Result> => {
  const started = performance.now()
  const elapsed = (): string => ((performance.now() - started) / 1000).toFixed(1)
  let progress = ''
  const timer = setInterval(() => {
    console.log(`  ${name} ${elapsed()} s ${progress}`.trimEnd().slice(0, 120))
  }, progressEvery)
  const result = await stage((words) => {
    progress = words
  })
  clearInterval(timer)
  const { ok, found = '' } = result
  const line = `${ok ? '✓' : '✗'} ${name.padEnd(9)} ${elapsed().padStart(6)} s`
  console.log(ok && found !== '' ? `${line}  ${found.replace(/^\w+: using /, '')}` : line)
  if (!ok) console.log(`\n${result.output.trim()}\n`)
  return result
}

const main = async (): Promise<void> => {
  assertNode()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      void stopAll().then(() => process.exit(130))
    })
  }
  for (const [name, stage] of chosen(process.argv.slice(2))) {
    const { ok, summary } = await runStage(name, stage)
    if (summary !== undefined) console.log(summary)
    if (!ok) process.exit(1)
  }
}

await main()

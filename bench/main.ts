/**
 * What sessions cost, side by side: the framework alone, sessions by hand, Adjourn and its peers.
 *
 *     npm run bench                            everything, written to bench/results
 *     npm run bench -- --quick                 few short rounds
 *     npm run bench -- --only read,logout      these cases
 *     npm run bench -- --check                 fails where a ratio is below its floor (floors.json)
 *
 * Anything but a whole run is written to .cache/bench.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cases } from './cases/index.ts'
import { GOALS } from './goals.ts'
import type { Bench } from './measure/bench.ts'
import { keyOf, type Figure } from './measure/figure.ts'
import { parseOptions, type Options } from './measure/options.ts'
import { FULL, QUICK } from './measure/scale.ts'
import { withBackend } from './measure/with-backend.ts'
import { readEnvironment } from './report/environment.ts'
import { failures, judge, type Floors } from './report/judge.ts'
import { installPeers } from './peers/install.ts'
import { toMarkdown, type Report } from './report/table.ts'
import { writeReport } from './report/write.ts'
import { entries } from './subjects/registry.ts'

const ROOT = join(import.meta.dirname, '..')

const log = (words: string): void => console.error(words)

const titleOf = (subject: string): string => entries.get(subject)?.title ?? subject
const noteOf = (subject: string): string | undefined => entries.get(subject)?.note

/** What is to be measured: for a check, only what a floor is about. */
function planOf({ quick, check, only }: Options, floors: Floors): Plan {
  const scale = quick ? QUICK : FULL
  if (!check) {
    return { scale, wants: () => true, chosen: (name) => only.length === 0 || only.includes(name) }
  }
  const places = GOALS.filter(({ name }) => name in floors).flatMap(({ of, over }) => [of, over])
  const keys = new Set(places.map(keyOf))
  const names = new Set(places.map((place) => place.case))
  return { scale, wants: (place) => keys.has(keyOf(place)), chosen: (name) => names.has(name) }
}

interface Plan extends Pick<Bench, 'scale' | 'wants'> {
  readonly chosen: (name: string) => boolean
}

async function measure(bench: Bench, chosen: (name: string) => boolean): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const [name, run] of cases) {
    if (!chosen(name)) continue
    const started = performance.now()
    figures.push(...(await run(bench)))
    log(`${name}: done in ${((performance.now() - started) / 1000).toFixed(0)} s`)
  }
  return figures
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2), [...cases.keys()])
  const floors = JSON.parse(
    await readFile(join(import.meta.dirname, 'floors.json'), 'utf8'),
  ) as Floors
  const { scale, wants, chosen } = planOf(options, floors)
  await installPeers(log)
  const report: Report = await withBackend(log, async (backend) => {
    const environment = await readEnvironment(backend.mongo)
    const figures = await measure({ backend, scale, wants, log }, chosen)
    const verdicts = judge(GOALS, figures, floors)
    return { environment, rounds: scale.rounds, figures, verdicts, titleOf, noteOf }
  })
  console.log(toMarkdown(report))
  const isWhole = !options.quick && !options.check && options.only.length === 0
  const folder = isWhole ? ['bench', 'results'] : ['.cache', 'bench']
  await writeReport(join(ROOT, ...folder), report)
  log(`written to ${folder.join('/')}`)
  if (!options.check) return
  const wrong = failures(report.verdicts, floors)
  for (const words of wrong) console.error(words)
  if (wrong.length > 0) process.exitCode = 1
}

await main()

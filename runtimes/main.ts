/**
 * `npm run test:runtimes`: the same tests on every runtime, on the packages as they are published;
 * `npm run test:runtimes -- bun deno` on those only. Fails if any result differs.
 */
import { messageOf } from '../tools/command.ts'
import { startMongod } from '../tools/mongod.ts'
import type { Report } from '../test/runtimes/results.ts'
import { buildTests } from './build.ts'
import { stopChildren } from './child.ts'
import { differences, passed } from './compare.ts'
import { listRuntimes, type Runtime } from './runtimes.ts'

const titleOf = ({ name, version }: Runtime): string => `${name} ${version}`

const log = (line: string): void => console.log(`  ${line}`)

function chosen(all: readonly Runtime[], words: readonly string[]): readonly Runtime[] {
  const [reference, ...others] = all
  if (reference === undefined || words.length === 0) return all
  const isMeant = (runtime: Runtime): boolean =>
    words.some((word) => titleOf(runtime).toLowerCase().startsWith(word.toLowerCase()))
  // The others are compared to it.
  return [reference, ...others.filter(isMeant)]
}

async function run(runtime: Runtime, mongodb: string): Promise<Report> {
  const suites = Object.fromEntries(
    runtime.suites.map((suite) => [suite, Object.keys(runtime.leftOut[suite] ?? {})]),
  )
  return runtime.run({ mongodb, suites })
}

/** Waits for its results and prints its line. Whether all is well. */
async function judge(
  runtime: Runtime,
  running: Promise<Report>,
  reference: Promise<Report>,
): Promise<boolean> {
  const started = performance.now()
  let count = 0
  const found = await running
    .then(async (report) => {
      count = passed(report)
      return differences(runtime, report, await reference)
    })
    .catch((error: unknown) => [messageOf(error)])
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  const [mark, verdict] = found.length === 0 ? ['✓', 'equal'] : ['✗', 'NOT EQUAL']
  console.log(`${mark} ${titleOf(runtime).padEnd(22)} ${count} passed, ${verdict}, ${seconds} s`)
  for (const each of found) console.log(`    ${each}`)
  return found.length === 0
}

async function testAll(runtimes: readonly Runtime[], mongodb: string): Promise<boolean> {
  const [first, ...waiting] = runtimes
  if (first === undefined) return false
  const reference = run(first, mongodb)
  const outcomes: boolean[] = []
  const takeTurns = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      outcomes.push(await judge(next, run(next, mongodb), reference))
    }
  }
  const firstLane = async (): Promise<void> => {
    outcomes.push(await judge(first, reference, reference))
    await takeTurns()
  }
  await Promise.all([firstLane(), takeTurns()])
  return outcomes.every(Boolean)
}

async function main(): Promise<boolean> {
  const runtimes = chosen(await listRuntimes(log), process.argv.slice(2))
  log('packing the packages and bundling the tests')
  await buildTests()
  const mongod = await startMongod({ replicaSet: 1, log })
  const stop = async (): Promise<void> => {
    stopChildren()
    await mongod.stop()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => void stop().finally(() => process.exit(130)))
  }
  const timer = setInterval(() => log('the tests are under way'), 30_000)
  try {
    return await testAll(runtimes, mongod.uri)
  } finally {
    clearInterval(timer)
    await stop()
  }
}

process.exitCode = (await main()) ? 0 : 1

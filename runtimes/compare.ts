import type { Report } from '../test/runtimes/results.ts'
import type { Runtime } from './runtimes.ts'

const MOST_SHOWN = 20

/** Everything in a report that is not as it has to be, in words; none: all is well. */
export function differences(runtime: Runtime, report: Report, reference: Report): string[] {
  const expected = `${runtime.name} ${runtime.version}`
  const found = [
    ...(report.runtime === expected ? [] : [`is ${report.runtime}, expected ${expected}`]),
    ...[...runtime.suites, ...runtime.own].flatMap((suite) =>
      suiteDifferences(suite, { runtime, report, reference }).map((each) => `${suite}: ${each}`),
    ),
  ]
  const more = found.length - MOST_SHOWN
  return more > 0 ? [...found.slice(0, MOST_SHOWN), `and ${more} more`] : found
}

function suiteDifferences(
  suite: string,
  { runtime, report, reference }: { runtime: Runtime; report: Report; reference: Report },
): string[] {
  const saw = report.results[suite]
  const isOwn = runtime.own.includes(suite)
  const sound = isOwn ? saw : reference.results[suite]
  if (saw === undefined || sound === undefined) return ['was not run']
  const leftOut = Object.keys(runtime.leftOut[suite] ?? {})
  const isLeftOut = (name: string): boolean => leftOut.some((each) => name.startsWith(each))
  const names = new Set([...Object.keys(sound), ...Object.keys(saw)])
  return [
    ...(names.size === 0 ? ['has no tests'] : []),
    // What is left out for good of a test that is no more.
    ...leftOut.flatMap((each) =>
      Object.keys(sound).some((name) => name.startsWith(each))
        ? []
        : [`nothing begins with "${each}"`],
    ),
    ...[...names].flatMap((name) => {
      const expected = isLeftOut(name) ? 'not run' : (sound[name] ?? 'not run')
      const got = saw[name] ?? 'not run'
      if (got === expected && !got.startsWith('failed')) return []
      return [
        `${name}\n      ${got}${got === expected ? '' : `\n      where the reference ${expected}`}`,
      ]
    }),
  ]
}

/** How many tests passed. */
export function passed({ results }: Report): number {
  return Object.values(results)
    .flatMap((suite) => Object.values(suite))
    .filter((outcome) => outcome === 'passed').length
}

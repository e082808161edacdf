import type { Bench, Case } from '../measure/bench.ts'
import { keyOf, type Figure, type Place } from '../measure/figure.ts'
import { assertSays, run } from '../measure/load.ts'
import { interleave } from '../measure/rounds.ts'
import { signIn } from '../measure/sign-in.ts'
import { FRAMEWORKS, type Framework, type Subject } from '../measure/subject.ts'
import { openAll } from '../subjects/registry.ts'
import { connectionsOf } from './requests.ts'

const MOST_TIME = 60_000
/** Over many connections there are so many times the logouts. */
const MORE = 8

/** From request to answer; sessions are made before the clock starts. */
export const logout: Case = async (bench) => {
  const figures: Figure[] = []
  for (const framework of FRAMEWORKS) {
    const subjects = await openAll(bench.backend, { framework, doing: 'logout' })
    for (const connections of [1, 32]) {
      figures.push(...(await measure(bench, subjects, { framework, connections })))
    }
    for (const subject of subjects) await subject.close()
  }
  return figures
}

async function measure(
  { scale, log }: Bench,
  subjects: readonly Subject[],
  { framework, connections }: { framework: Framework; connections: number },
): Promise<Figure[]> {
  const count = scale.logouts * (connections === 1 ? 1 : MORE)
  const times = new Map(subjects.map((subject) => [subject, [] as number[]]))
  // The first round warms up.
  await interleave(subjects, scale.rounds + 1, async (subject, round) => {
    const time = await logAllOut(subject, count, connections)
    if (round > 0) times.get(subject)?.push(time)
  })
  return [...times].map(([subject, values]) => {
    const at = connectionsOf(connections)
    const place: Place = { case: 'logout', at, framework, subject: subject.name }
    log(`${keyOf(place)}: ${values.map((value) => value.toFixed(3)).join(' ')}`)
    return { ...place, unit: 'ms', values }
  })
}

/** Milliseconds of one logout: with many connections, of its share of the time. */
async function logAllOut(subject: Subject, count: number, connections: number): Promise<number> {
  const all = await signIn(subject, count)
  const calls = all.map(({ cookie }) => ({ method: 'POST', path: '/logout', cookie }) as const)
  const { requests, elapsed } = await run(subject, {
    connections,
    calls,
    time: MOST_TIME,
    count,
    cursor: { next: 0 },
  })
  await subject.settled?.()
  await assertSays(subject, all[0]?.cookie, undefined)
  return elapsed / requests
}

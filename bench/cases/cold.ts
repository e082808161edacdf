import { jobFor, startChild } from '../children/start.ts'
import type { Bench, Case } from '../measure/bench.ts'
import { keyOf, type Figure, type Place } from '../measure/figure.ts'
import { unexpected } from '../measure/load.ts'
import { interleave } from '../measure/rounds.ts'
import { signIn } from '../measure/sign-in.ts'
import { FRAMEWORKS, NOBODY, type Subject } from '../measure/subject.ts'
import { entries, openAll } from '../subjects/registry.ts'

interface Cold {
  readonly subject: Subject
  readonly job: Readonly<Record<string, string>>
  readonly expected: string
  readonly values: number[]
}

/** From the first import to the first answer to a signed-in user, each time in a fresh process. */
export const cold: Case = async (bench) => {
  const figures: Figure[] = []
  for (const framework of FRAMEWORKS) {
    const all: Cold[] = []
    for (const name of entries.keys()) {
      // A database that the child can be told of.
      const db = bench.backend.db(`cold_${name}`)
      const backend = { ...bench.backend, db: () => db }
      const [subject] = await openAll(backend, { framework, doing: 'cold', names: [name] })
      if (subject !== undefined) all.push(await prepare(bench, subject, db.databaseName))
    }
    await interleave(all, bench.scale.rounds, measure)
    figures.push(...all.map((each) => figureOf(bench, each)))
    for (const { subject } of all) await subject.close()
  }
  return figures
}

async function prepare({ backend }: Bench, subject: Subject, db: string): Promise<Cold> {
  const { name, framework } = subject
  const isBare = entries.get(name)?.lacks?.includes('login') === true
  const [somebody] = isBare ? [] : await signIn(subject, 1)
  const job = jobFor(backend, { subject: name, framework, db, cookie: somebody?.cookie ?? '' })
  // What is in this process's memory is in no other's.
  const expected = name === 'memory' ? NOBODY : subject.says(somebody?.user)
  return { subject, job, expected, values: [] }
}

async function measure({ subject, job, expected, values }: Cold): Promise<void> {
  const { said, stop } = await startChild('cold.ts', job)
  await stop()
  const { time, body } = said as { time: number; body: string }
  if (body !== expected) throw unexpected(subject, `${body} for ${expected}, when cold`)
  values.push(time)
}

function figureOf({ log }: Bench, { subject, values }: Cold): Figure {
  const { name, framework } = subject
  const place: Place = { case: 'cold', at: 'first answer', framework, subject: name }
  log(`${keyOf(place)}: ${values.map((value) => value.toFixed(0)).join(' ')}`)
  return { ...place, unit: 'ms', values }
}

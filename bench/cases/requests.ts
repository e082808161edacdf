import type { Bench, Case } from '../measure/bench.ts'
import { keyOf, type Figure, type Place } from '../measure/figure.ts'
import { assertSays, run, type Cursor } from '../measure/load.ts'
import { interleave } from '../measure/rounds.ts'
import type { Scale } from '../measure/scale.ts'
import { signIn, type SignedIn } from '../measure/sign-in.ts'
import { FRAMEWORKS, type Call, type Framework, type Subject } from '../measure/subject.ts'
import { entries, openAll } from '../subjects/registry.ts'

/** A subject with what it is asked. */
export interface Asked {
  readonly subject: Subject
  readonly calls: readonly Call[]
  /** Somebody whom `/me` must name; nobody, if absent. */
  readonly somebody?: SignedIn | undefined
  /** Where the connections walk together, and never back to the start before the end. */
  readonly cursor?: Cursor
  /** The circumstances, where it is not the connections that differ. */
  readonly at?: string
}

export interface Conditions {
  readonly case: string
  readonly connections: number
}

/** What a case of requests per second asks of each subject. */
export interface Question {
  readonly name: string
  readonly connections: (scale: Scale) => readonly number[]
  readonly ask: (subject: Subject, scale: Scale) => Promise<Asked>
}

export const connectionsOf = (count: number): string =>
  count === 1 ? '1 connection' : `${count} connections`

/** A case in which all subjects answer the same requests, on one framework and then the other. */
export function requestsCase(question: Question): Case {
  return async (bench) => {
    const figures: Figure[] = []
    for (const framework of FRAMEWORKS) {
      figures.push(...(await askOn(framework, question, bench)))
    }
    return figures
  }
}

async function askOn(
  framework: Framework,
  { name, connections, ask }: Question,
  bench: Bench,
): Promise<Figure[]> {
  const { backend, scale, wants } = bench
  const counts = connections(scale)
  const names = [...entries.keys()].filter((subject) =>
    counts.some((count) => wants({ case: name, at: connectionsOf(count), framework, subject })),
  )
  const subjects = await openAll(backend, { framework, doing: name, names })
  const asked: Asked[] = []
  for (const subject of subjects) asked.push(await ask(subject, scale))
  const figures: Figure[] = []
  for (const count of counts) {
    figures.push(...(await measureRequests(bench, asked, { case: name, connections: count })))
  }
  for (const subject of subjects) await subject.close()
  return figures
}

/** Requests per second of each subject, in turn. */
export async function measureRequests(
  { scale, log, wants }: Bench,
  all: readonly Asked[],
  { case: name, connections }: Conditions,
): Promise<Figure[]> {
  const placed = all
    .map(({ calls, cursor, ...asked }) => ({
      ...asked,
      load: { connections, calls, ...(cursor && { cursor }) },
      values: [] as number[],
      place: placeOf(asked, name, connections),
    }))
    .filter(({ place }) => wants(place))
  for (const { subject, load } of placed) await run(subject, { ...load, time: scale.warmUp })
  await interleave(placed, scale.rounds, async ({ subject, load, somebody, values }) => {
    const { perSecond } = await run(subject, { ...load, time: scale.turn })
    await assertSays(subject, somebody?.cookie, somebody?.user)
    values.push(perSecond)
  })
  for (const { place, values } of placed) {
    log(`${keyOf(place)}: ${values.map((value) => value.toFixed(0)).join(' ')}`)
  }
  return placed.map(({ place, values }) => ({ ...place, unit: 'requests/s' as const, values }))
}

function placeOf(
  { subject, at }: Pick<Asked, 'subject' | 'at'>,
  name: string,
  connections: number,
): Place {
  const { framework, name: subjectName } = subject
  return { case: name, at: at ?? connectionsOf(connections), framework, subject: subjectName }
}

/** Of users who are signed in, each request by another. */
export async function askSignedIn(
  subject: Subject,
  count: number,
  call: Call = { path: '/me' },
): Promise<Asked> {
  const all = await signIn(subject, count)
  return { subject, calls: all.map(({ cookie }) => ({ ...call, cookie })), somebody: all[0] }
}

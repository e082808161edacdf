import type { Bench } from '../measure/bench.ts'
import { keyOf, type Figure } from '../measure/figure.ts'
import { assertSays, run } from '../measure/load.ts'
import { interleave } from '../measure/rounds.ts'
import type { SignedIn } from '../measure/sign-in.ts'
import type { Call, Subject } from '../measure/subject.ts'

/** A subject with what it is asked. */
export interface Asked {
  readonly subject: Subject
  readonly calls: readonly Call[]
  /** Somebody whom `/me` must name; nobody, if absent. */
  readonly somebody?: SignedIn | undefined
}

export interface Conditions {
  readonly case: string
  readonly connections: number
}

export const connectionsOf = (count: number): string =>
  count === 1 ? '1 connection' : `${count} connections`

/** Requests per second of each subject, in turn. */
export async function measureRequests(
  { scale, log, wants }: Bench,
  all: readonly Asked[],
  { case: name, connections }: Conditions,
): Promise<Figure[]> {
  const at = connectionsOf(connections)
  const placed = all
    .map((asked) => ({ ...asked, values: [] as number[], place: placeOf(name, at, asked.subject) }))
    .filter(({ place }) => wants(place))
  for (const { subject, calls } of placed) {
    await run(subject, { connections, calls, time: scale.warmUp })
  }
  await interleave(placed, scale.rounds, async ({ subject, calls, somebody, values }, round) => {
    await assertSays(subject, somebody?.cookie, somebody?.user)
    const { perSecond } = await run(subject, { connections, calls, time: scale.turn })
    values.push(perSecond)
    if (round === scale.rounds - 1) await assertSays(subject, somebody?.cookie, somebody?.user)
  })
  for (const { place, values } of placed) {
    log(`${keyOf(place)}: ${values.map((value) => value.toFixed(0)).join(' ')}`)
  }
  return placed.map(({ place, values }) => ({ ...place, unit: 'requests/s' as const, values }))
}

const placeOf = (
  name: string,
  at: string,
  { framework, name: subject }: Subject,
): Omit<Figure, 'unit' | 'values'> => ({ case: name, at, framework, subject })

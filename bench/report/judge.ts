import { keyOf, type Figure, type Place } from '../measure/figure.ts'
import { pairedRatio } from '../measure/statistics.ts'

/** Two figures, and what their ratio ought to be. */
export interface Goal {
  readonly name: string
  readonly of: Place
  readonly over: Place
  readonly bound: 'at least' | 'at most'
  /** Absent: the ratio is only told. */
  readonly goal?: number
}

/** Ratios, by the names of goals, that a check refuses to go below (above, where less is better). */
export type Floors = Readonly<Record<string, number>>

export interface Verdict {
  readonly name: string
  readonly ratio: number
  readonly bound: Goal['bound']
  readonly goal?: number
  readonly floor?: number
}

/** The goals whose two figures were measured. */
export function judge(
  goals: readonly Goal[],
  figures: readonly Figure[],
  floors: Floors,
): Verdict[] {
  const byKey = new Map(figures.map((figure) => [keyOf(figure), figure.values]))
  return goals.flatMap(({ name, of, over, bound, goal }) => {
    const [ofValues, overValues] = [byKey.get(keyOf(of)), byKey.get(keyOf(over))]
    if (ofValues === undefined || overValues === undefined) return []
    const floor = floors[name]
    const ratio = pairedRatio(ofValues, overValues)
    return [
      {
        name,
        ratio,
        bound,
        ...(goal !== undefined && { goal }),
        ...(floor !== undefined && { floor }),
      },
    ]
  })
}

/** What is wrong with a run that was to be checked; nothing, if all is well. */
export function failures(verdicts: readonly Verdict[], floors: Floors): string[] {
  const byName = new Map(verdicts.map((verdict) => [verdict.name, verdict]))
  return Object.entries(floors).flatMap(([name, floor]) => {
    const verdict = byName.get(name)
    if (verdict === undefined) return [`${name}: not measured`]
    // Not a number holds no floor either.
    if (holds(verdict, floor)) return []
    const side = verdict.bound === 'at least' ? 'below' : 'above'
    return [`${name}: ${verdict.ratio.toFixed(2)} is ${side} ${floor}`]
  })
}

export const holds = ({ ratio, bound }: Verdict, limit: number): boolean =>
  bound === 'at least' ? ratio >= limit : ratio <= limit

import type { Figure, Place } from './figure.ts'
import type { Scale } from './scale.ts'
import type { Backend } from './subject.ts'

/** What a case works with. */
export interface Bench {
  readonly backend: Backend
  readonly scale: Scale
  /** Whether a figure is asked for: a check asks for few. */
  readonly wants: (place: Place) => boolean
  /** How far it is. */
  readonly log: (words: string) => void
}

export type Case = (bench: Bench) => Promise<readonly Figure[]>

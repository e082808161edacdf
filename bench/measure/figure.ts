import type { Framework } from './subject.ts'

export type Unit = 'requests/s' | 'ms' | 'MB'

/** What was measured of one subject in one case, round by round. */
export interface Figure extends Place {
  readonly unit: Unit
  readonly values: readonly number[]
}

export interface Place {
  readonly case: string
  /** Under which circumstances, such as `32 connections`. */
  readonly at: string
  readonly framework: Framework | 'none'
  readonly subject: string
}

/** How goals name a figure: `read / 32 connections / hono / mongodb`. */
export const keyOf = ({ case: name, at, framework, subject }: Place): string =>
  [name, at, framework, subject].join(' / ')

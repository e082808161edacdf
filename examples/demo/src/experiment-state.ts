import type { Changes } from './changes.ts'
import type { LogoutOutcome } from './measure.ts'
import type { Row } from './report.ts'

type Rows = readonly Row<LogoutOutcome>[]

export type ExperimentState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'running'; readonly step: string; readonly rows: Rows }
  | { readonly kind: 'done'; readonly seconds: number; readonly rows: Rows }
  | { readonly kind: 'failed'; readonly reason: string }

/** Logs out in each way, against real servers, and tells how far it is. */
export interface Experiment extends AsyncDisposable {
  readonly state: ExperimentState
  readonly changes: Changes
  /** Does nothing while it runs. */
  start(): void
}

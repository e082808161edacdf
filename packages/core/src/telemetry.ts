import type { SessionEvent } from './events.ts'

/** Operations that a {@link Telemetry} follows. */
export type TelemetryOperation = 'load' | 'end' | 'revokeAll'

/** Follows what sessions do, for traces and metrics; see `@adjourn/core/opentelemetry`. */
export interface Telemetry {
  /**
   * Runs an operation, and resolves or rejects as it does.
   *
   * @param operation Which one.
   * @param run What does it; called once.
   */
  span<T>(operation: TelemetryOperation, run: () => Promise<T>): Promise<T>
  /**
   * Hears every event, as `onEvent` does.
   *
   * @param event What happened.
   */
  event(event: SessionEvent): void
}

/** Where nobody follows. */
export const noTelemetry: Telemetry = {
  span: (_operation, run) => run(),
  event: () => {},
}

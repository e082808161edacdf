/**
 * Traces and metrics with OpenTelemetry.
 *
 * @module @adjourn/core/opentelemetry
 */
import {
  metrics,
  SpanKind,
  SpanStatusCode,
  trace,
  type Counter,
  type MeterProvider,
  type Span,
  type TracerProvider,
} from '@opentelemetry/api'
import { findMistakes, isFunction, refuse, type Rule } from './check.ts'
import { SessionError } from './errors.ts'
import type { Telemetry } from './telemetry.ts'

/** What `openTelemetry` takes. */
export interface OpenTelemetryOptions {
  /** Default: the global one. */
  readonly tracerProvider?: TracerProvider
  /** Default: the global one, as it is when the first event happens. */
  readonly meterProvider?: MeterProvider
}

const NAME = '@adjourn/core'

const RULES: Record<keyof OpenTelemetryOptions, Rule> = {
  tracerProvider: {
    test: (value) => isFunction((value as Partial<TracerProvider> | null)?.getTracer),
    must: 'a tracer provider',
  },
  meterProvider: {
    test: (value) => isFunction((value as Partial<MeterProvider> | null)?.getMeter),
    must: 'a meter provider',
  },
}

/**
 * Follows sessions with OpenTelemetry. Spans: `adjourn.load`, `adjourn.end` and `adjourn.revokeAll`,
 * active meanwhile, so that those of the database driver are inside; one that rejects has the status
 * error and, as `error.type`, the code of the `SessionError` or the name of any other error. A
 * counter: `adjourn.events`, with `adjourn.event` (the type) and `adjourn.reason` (where the event
 * has one).
 *
 * No user id, session id, tag, address, message or data is in either: metrics stay small, and nothing
 * leaves the app that it did not send itself.
 *
 * Needs `@opentelemetry/api`, and an SDK of yours: without one it does nothing.
 *
 * @param options Providers other than the global ones.
 * @throws SessionError `ERR_CONFIG` if an option is wrong.
 * @example
 * ```ts
 * import { createSessions } from '@adjourn/core'
 * import { openTelemetry } from '@adjourn/core/opentelemetry'
 *
 * const sessions = createSessions({
 *   secrets: process.env.SESSION_SECRET!,
 *   telemetry: openTelemetry(),
 * })
 * ```
 * @see https://opentelemetry.io/docs/specs/semconv/registry/attributes/error/
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): Telemetry {
  const given = Object(options) as OpenTelemetryOptions
  refuse(findMistakes(given, RULES))
  const { tracerProvider = trace, meterProvider = metrics } = given
  const tracer = tracerProvider.getTracer(NAME)
  let events: Counter | undefined
  return {
    span: (operation, run) =>
      tracer.startActiveSpan(`adjourn.${operation}`, { kind: SpanKind.INTERNAL }, async (span) => {
        try {
          return await run()
        } catch (error) {
          fail(span, error)
          throw error
        } finally {
          span.end()
        }
      }),
    event(event) {
      // Not before: a counter made before the SDK is registered would count nothing for good.
      events ??= meterProvider.getMeter(NAME).createCounter('adjourn.events', {
        description: 'What happened to sessions',
        unit: '{event}',
      })
      const reason = 'reason' in event ? { 'adjourn.reason': event.reason } : {}
      events.add(1, { 'adjourn.event': event.type, ...reason })
    },
  }
}

/** Without the message, and without a recorded exception: a driver's may show what it was given. */
function fail(span: Span, error: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR })
  span.setAttribute('error.type', typeOf(error))
}

function typeOf(error: unknown): string {
  if (error instanceof SessionError) return error.code
  return error instanceof Error ? error.name : '_OTHER'
}

import { context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace'

/** What the counter says for one set of attributes. */
interface Count {
  readonly name: string
  readonly attributes: object
  readonly value: unknown
}

/** The real SDK, with exporters that keep what they get. */
export interface Follower {
  readonly tracerProvider: TracerProvider
  readonly meterProvider: MeterProvider
  readonly spans: () => ReadableSpan[]
  readonly counts: () => Promise<Count[]>
  readonly stop: () => Promise<void>
}

/** Until `stop`, spans are children of those that are active. */
export function follow(): Follower {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  const spans = new InMemorySpanExporter()
  const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const tracerProvider = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter: spans })],
  })
  const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 1e6 })
  const meterProvider = new MeterProvider({ readers: [reader] })
  return {
    tracerProvider,
    meterProvider,
    spans: () => spans.getFinishedSpans(),
    async counts() {
      metrics.reset()
      await meterProvider.forceFlush()
      const scopes = metrics.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics)
      return scopes
        .flatMap((scope) => scope.metrics)
        .flatMap(({ descriptor, dataPoints }) =>
          dataPoints.map(({ attributes, value }) => ({ name: descriptor.name, attributes, value })),
        )
    },
    async stop() {
      context.disable()
      await tracerProvider.shutdown()
      await meterProvider.shutdown()
    },
  }
}

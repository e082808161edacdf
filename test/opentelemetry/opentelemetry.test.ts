import { execFileSync } from 'node:child_process'
import { SessionError, type SessionEvent } from '@adjourn/core'
import { openTelemetry } from '@adjourn/core/opentelemetry'
import { metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { follow, type Follower } from './follow.ts'

const at = new Date(0)
const about = { at, sessionId: 'an-id', userId: 'ann' }

const EVENTS: readonly SessionEvent[] = [
  { type: 'created', ...about },
  { type: 'created', ...about, userId: 'bob' },
  { type: 'ended', reason: 'logout', ...about },
  { type: 'ended', reason: 'limit', ...about },
  { type: 'revoked', at, target: { tag: 'org:acme' }, exceptId: 'an-id', count: 3 },
  { type: 'rejected', at, reason: 'forged' },
]

let follower: Follower

beforeEach(() => {
  follower = follow()
})
afterEach(() => follower.stop())

describe('a span', () => {
  it.each(['load', 'end', 'revokeAll'] as const)('follows %s from within', async (operation) => {
    const { tracerProvider, spans } = follower
    const outer = tracerProvider.getTracer('outer')
    const { span } = openTelemetry({ tracerProvider })
    const result = await outer.startActiveSpan('request', async (request) => {
      const answer = await span(operation, async () => {
        await Promise.resolve()
        return outer.startActiveSpan('find', async (find) => {
          find.end()
          return 7
        })
      })
      request.end()
      return answer
    })
    expect(result).toBe(7)
    const [find, followed, request] = spans()
    expect(followed).toMatchObject({
      name: `adjourn.${operation}`,
      kind: SpanKind.INTERNAL,
      status: { code: SpanStatusCode.UNSET },
      attributes: {},
      ended: true,
    })
    expect(followed?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId)
    expect(find?.parentSpanContext?.spanId).toBe(followed?.spanContext().spanId)
    expect(followed?.instrumentationScope.name).toBe('@adjourn/core')
  })

  it.each([
    [new SessionError('ERR_STORE_UNAVAILABLE', 'hunter2'), 'ERR_STORE_UNAVAILABLE'],
    [new TypeError('hunter2'), 'TypeError'],
    ['hunter2', '_OTHER'],
  ])('tells of %s by its code or name alone', async (thrown, type) => {
    const { tracerProvider, spans } = follower
    const { span } = openTelemetry({ tracerProvider })
    await expect(span('load', () => Promise.reject(thrown))).rejects.toBe(thrown)
    const [failed] = spans()
    expect(failed).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      attributes: { 'error.type': type },
      events: [],
      ended: true,
    })
    expect(failed?.status.message).toBeUndefined()
  })
})

describe('the counter', () => {
  it('counts events by type and reason, and tells nobody apart', async () => {
    const { meterProvider, counts } = follower
    const { event } = openTelemetry({ meterProvider })
    for (const each of EVENTS) event(each)
    const counted = (value: number, type: string, reason?: string): object => ({
      name: 'adjourn.events',
      attributes: { 'adjourn.event': type, ...(reason && { 'adjourn.reason': reason }) },
      value,
    })
    expect(await counts()).toEqual([
      counted(2, 'created'),
      counted(1, 'ended', 'logout'),
      counted(1, 'ended', 'limit'),
      counted(1, 'revoked'),
      counted(1, 'rejected', 'forged'),
    ])
  })
})

describe('openTelemetry', () => {
  it('takes the global providers, also those that are registered after it', async () => {
    const { tracerProvider, meterProvider, spans, counts } = follower
    const { span, event } = openTelemetry()
    trace.setGlobalTracerProvider(tracerProvider)
    metrics.setGlobalMeterProvider(meterProvider)
    try {
      await span('end', async () => {})
      event({ type: 'created', ...about })
      expect(spans()).toHaveLength(1)
      expect(await counts()).toHaveLength(1)
    } finally {
      trace.disable()
      metrics.disable()
    }
  })

  it('without an SDK does nothing', async () => {
    const { span, event } = openTelemetry()
    event({ type: 'created', ...about })
    expect(await span('load', async () => 7)).toBe(7)
  })

  it.each([
    [{ tracer: {} }, 'tracer is not an option'],
    [{ tracerProvider: {} }, 'tracerProvider must be'],
    [{ meterProvider: 'hunter2' }, 'meterProvider must be'],
    [{ tracerProvider: null }, 'tracerProvider must be'],
  ])('refuses %j', (options, part) => {
    const attempt = (): unknown => openTelemetry(options as never)
    expect(attempt).toThrow(part)
    expect(attempt).toThrow(expect.objectContaining({ code: 'ERR_CONFIG' }) as Error)
    expect(attempt).not.toThrow('hunter2')
  })
})

describe('the package', () => {
  it('works without @opentelemetry/api, but for the entry that is for it', () => {
    const script = `
      import { registerHooks } from 'node:module'
      registerHooks({
        resolve(specifier, context, next) {
          if (specifier.startsWith('@opentelemetry/')) throw new Error('not installed')
          return next(specifier, context)
        },
      })
      for (const entry of ['core', 'core/binding', 'core/testing']) await import('@adjourn/' + entry)
      await import('@adjourn/core/opentelemetry').catch(({ message }) => console.log(message))
    `
    const options = ['--conditions=@adjourn/source', '--input-type=module', '--eval', script]
    const cwd = import.meta.dirname
    expect(execFileSync(process.execPath, options, { cwd, encoding: 'utf8' })).toBe(
      'not installed\n',
    )
  })
})

import { createSessions, memoryStore, type SessionStore } from '@adjourn/core'
import { openTelemetry } from '@adjourn/core/opentelemetry'
import { faultyStore, type Routes, type RunningApp } from '@adjourn/core/testing'
import type { Tracer } from '@opentelemetry/api'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { frameworks } from '../guarantees/nodes.ts'
import { follow, type Follower } from './follow.ts'

const routes: Routes = {
  '/me': (session, reply) => reply.send(200, session.userId ?? 'nobody'),
  '/login': async (session, reply) => {
    await session.create({
      userId: 'ann@example.com',
      tags: ['org:acme'],
      data: { pin: 'hunter2' },
    })
    await reply.send(200, session.id)
  },
  '/logout': async (session, reply) => {
    await session.end()
    await reply.send(200, 'bye')
  },
}

/** A store whose driver makes a span of every call, as instrumented ones do. */
function traced(store: SessionStore, tracer: Tracer): SessionStore {
  return new Proxy(store, {
    get(target, key: keyof SessionStore) {
      const method = target[key]
      if (typeof method !== 'function') return method
      return (...given: never[]) =>
        tracer.startActiveSpan(`driver.${key}`, (span) => {
          span.end()
          return (method as (...all: never[]) => unknown).call(target, ...given)
        })
    },
  })
}

for (const [framework, start] of frameworks) {
  describe(framework, () => {
    let follower: Follower
    let app: RunningApp
    let store: ReturnType<typeof faultyStore>
    let sessions: ReturnType<typeof createSessions>

    beforeEach(async () => {
      follower = follow()
      const { tracerProvider, meterProvider } = follower
      store = faultyStore(memoryStore())
      sessions = createSessions({
        secrets: 'a-secret-for-telemetry-of-32-chars',
        store: traced(store, tracerProvider.getTracer('driver')),
        telemetry: openTelemetry({ tracerProvider, meterProvider }),
      })
      app = await start(routes, { sessions, others: [] })
    })
    afterEach(async () => {
      await app.close()
      await sessions.close()
      await follower.stop()
    })

    const visit = async (path: string, cookie = ''): Promise<{ body: string; cookie: string }> => {
      const answer = await fetch(`${String(app.at)}${path}`, { headers: { cookie } })
      const [next = ''] = answer.headers.getSetCookie()[0]?.split(';') ?? []
      return { body: await answer.text(), cookie: next }
    }

    /** Each of our spans, with those of the driver inside it. */
    const tree = (): Record<string, string[]> => {
      const spans = follower.spans()
      const ours = spans.filter(({ name }) => name.startsWith('adjourn.'))
      return Object.fromEntries(
        ours.map((span) => [
          span.name,
          spans
            .filter((each) => each.parentSpanContext?.spanId === span.spanContext().spanId)
            .map(({ name }) => name),
        ]),
      )
    }

    it('has spans around what the driver does, and counts what happens', async () => {
      const { body: id, cookie } = await visit('/login')
      await visit('/me', cookie)
      expect(tree()['adjourn.load']).toContain('driver.read')
      await visit('/logout', cookie)
      expect(tree()['adjourn.end']).toContain('driver.delete')
      await visit('/me', cookie)
      await sessions.revokeAll('ann@example.com')
      expect(tree()['adjourn.revokeAll']).toEqual(
        expect.arrayContaining(['driver.revoke', 'driver.purge']),
      )
      const counts = await follower.counts()
      expect(counts.map(({ attributes, value }) => [attributes, value])).toEqual([
        [{ 'adjourn.event': 'created' }, 1],
        [{ 'adjourn.event': 'ended', 'adjourn.reason': 'logout' }, 1],
        [{ 'adjourn.event': 'rejected', 'adjourn.reason': 'expired' }, 1],
        [{ 'adjourn.event': 'revoked' }, 1],
      ])
      const told = follower
        .spans()
        .map(({ name, attributes, status, events, links }) => [
          name,
          attributes,
          status,
          events,
          links,
        ])
      const all = JSON.stringify([told, counts])
      for (const secret of [id, cookie, 'ann', 'acme', 'hunter2', 'Fe26']) {
        expect(all).not.toContain(secret)
      }
    })

    it('tells of an outage by its code', async () => {
      const { cookie } = await visit('/login')
      store.fail('read', { error: new Error('mongodb://root:hunter2@db') })
      await visit('/me', cookie)
      const failed = follower.spans().filter(({ attributes }) => 'error.type' in attributes)
      expect(failed.map(({ name, attributes }) => [name, attributes])).toEqual([
        ['adjourn.load', { 'error.type': 'ERR_STORE_UNAVAILABLE' }],
      ])
      expect(JSON.stringify(failed.map(({ status, events }) => [status, events]))).not.toMatch(
        /hunter2|failed/,
      )
    })
  })
}

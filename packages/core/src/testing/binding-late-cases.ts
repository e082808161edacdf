import assert from 'node:assert/strict'
import type { SessionError } from '../index.ts'
import { assertIssued, assertSilent, codeOf, errorOf, type Answer } from './binding-answers.ts'
import {
  gate,
  logout,
  newUser,
  signIn,
  whoami,
  type Cases,
  type Gate,
  type TestApp,
} from './binding-harness.ts'
import type { Handler } from './binding-port.ts'

const WHOLE = 'begin, end'

/** A body in the middle of which something is done: once the client has the headers. */
async function* around(headersHere: Gate, act: () => Promise<void>): AsyncGenerator<string> {
  yield 'begin, '
  await headersHere.opened
  await act()
  yield 'end'
}

/** The answer of a route that streams; lets `act` run when the headers are here. */
async function getLate(
  app: TestApp,
  path: string,
  { cookie, headersHere }: { cookie?: string; headersHere: Gate },
): Promise<Answer> {
  const { text, ...head } = await app.open(path, { cookie })
  headersHere.open()
  return { ...head, body: await text() }
}

/** What a call can and cannot do once the response's headers have left. */
export const lateCases: Cases = {
  'B35 Headers that leave early carry the cookie': async (serve) => {
    const headersHere = gate()
    const early: Handler = async (session, reply) => {
      await session.create({ userId: newUser() })
      await reply.stream(around(headersHere, async () => {}))
    }
    await serve({ '/': early }, async (app) => {
      const answer = await getLate(app, '/', { headersHere })
      assertIssued(answer)
      assert.equal(answer.body, WHOLE)
    })
  },

  'B36 After the headers, end deletes the record, says that the cookie stays, and breaks nothing':
    async (serve) => {
      const headersHere = gate()
      const errors: (SessionError | undefined)[] = []
      const late: Handler = (session, reply) =>
        reply.stream(
          around(headersHere, async () => {
            errors.push(await errorOf(session.end()))
          }),
        )
      await serve({ '/': whoami, '/logout': late }, async (app) => {
        const { cookie, id } = await signIn(app.sessions)
        const answer = await getLate(app, '/logout', { cookie, headersHere })
        assert.equal(answer.body, WHOLE)
        assertSilent(answer)
        assert.equal(errors[0]?.code, 'ERR_HEADERS_SENT')
        assert.equal(errors[0].record, 'deleted')
        assert.equal(await app.record(id), undefined)
        assert.equal((await app.get('/', { cookie })).body, 'nobody')
      })
    },

  'B37 After the headers, create and a first save reject and leave no record': async (serve) => {
    const headersHere = gate()
    const userId = newUser()
    const codes: unknown[] = []
    const late: Handler = (session, reply) =>
      reply.stream(
        around(headersHere, async () => {
          codes.push(await codeOf(session.create({ userId })))
          session.data['cart'] = ['book']
          codes.push(await codeOf(session.save()))
          delete session.data['cart']
        }),
      )
    await serve({ '/login': late }, async (app) => {
      const answer = await getLate(app, '/login', { headersHere })
      assert.equal(answer.body, WHOLE)
      assertSilent(answer)
      assert.deepEqual(codes, ['ERR_HEADERS_SENT', 'ERR_HEADERS_SENT'])
      assert.deepEqual(app.writes(), [])
    })
  },

  'B38 After the headers, create and rotate in a session reject and change nothing': async (
    serve,
  ) => {
    const headersHere = gate()
    const codes: unknown[] = []
    const late: Handler = (session, reply) =>
      reply.stream(
        around(headersHere, async () => {
          codes.push(await codeOf(session.rotate()))
          codes.push(await codeOf(session.reauthenticate()))
          codes.push(await codeOf(session.create({ userId: session.userId ?? '' })))
          codes.push(await codeOf(session.create({ userId: newUser() })))
        }),
      )
    await serve({ '/': whoami, '/late': late }, async (app) => {
      const { cookie, id, userId } = await signIn(app.sessions)
      const before = await app.record(id)
      const answer = await getLate(app, '/late', { cookie, headersHere })
      assert.equal(answer.body, WHOLE)
      assertSilent(answer)
      assert.deepEqual(codes, Array(4).fill('ERR_HEADERS_SENT'))
      assert.deepEqual(await app.record(id), before)
      assert.equal((await app.get('/', { cookie })).body, userId)
    })
  },

  'B39 After the headers, what needs no cookie works': async (serve) => {
    const headersHere = gate()
    const late: Handler = (session, reply) =>
      reply.stream(
        around(headersHere, async () => {
          session.data['read'] = 1
          await session.save()
        }),
      )
    await serve({ '/late': late }, async (app) => {
      const { cookie, id } = await signIn(app.sessions)
      const answer = await getLate(app, '/late', { cookie, headersHere })
      assert.equal(answer.body, WHOLE)
      assertSilent(answer)
      assert.equal((await app.record(id))?.data, '{"read":1}')
    })
  },

  'B40 End is final also where the client goes away meanwhile': (serve) =>
    serve({ '/': whoami, '/logout': logout }, async (app) => {
      const { cookie, id } = await signIn(app.sessions)
      const client = new AbortController()
      app.store.pause('delete')
      const answer = app.get('/logout', { cookie, signal: client.signal })
      await app.store.reached('delete')
      client.abort()
      await assert.rejects(answer)
      app.store.pause('delete', { when: 'after' })
      app.store.release('delete')
      await app.store.reached('delete')
      app.store.release('delete')
      assert.equal(await app.record(id), undefined)
      assert.equal((await app.get('/', { cookie })).body, 'nobody')
    }),
}

import assert from 'node:assert/strict'
import type { SessionError } from '../index.ts'
import {
  assertCleared,
  assertIssued,
  assertSilent,
  cacheControl,
  codeOf,
  cookiesNamed,
  COOKIE,
  errorOf,
} from './binding-answers.ts'
import { login, logout, newUser, signIn, whoami, type Cases } from './binding-harness.ts'
import type { Handler } from './binding-port.ts'

/** A failure is never a logout, and never a silent success. */
export const outageCases: Cases = {
  'B41 While the store is down a request is answered with 503, and keeps its cookie': async (
    serve,
  ) => {
    let handled = 0
    const count: Handler = (session, reply) => {
      handled++
      return reply.send(200, session.userId ?? 'nobody')
    }
    await serve({ '/': count }, async (app) => {
      const { cookie, userId } = await signIn(app.sessions)
      app.store.fail('all')
      for (const mode of [undefined, 'navigate', 'cors']) {
        const answer = await app.get('/', { cookie, mode })
        assert.equal(answer.status, 503)
        assert.deepEqual(cookiesNamed(answer, COOKIE), [])
      }
      assert.equal(handled, 0, 'no handler ran')
      app.store.restore()
      const again = await app.get('/', { cookie })
      assert.equal(again.status, 200)
      assert.equal(again.body, userId)
      assertSilent(again)
    })
  },

  'B42 An error of the store’s own kind is answered with 503, too': (serve) =>
    serve({ '/': whoami }, async (app) => {
      const { cookie } = await signIn(app.sessions)
      for (const error of [new Error('connection lost'), new TypeError('a bug'), 'a text']) {
        app.store.fail('read', { times: 1, error })
        const answer = await app.get('/', { cookie })
        assert.equal(answer.status, 503)
        assert.deepEqual(cookiesNamed(answer, COOKIE), [])
      }
    }),

  'B43 Without a cookie a request needs no store': (serve) =>
    serve({ '/': whoami }, async (app) => {
      app.store.fail('all')
      const answer = await app.get('/')
      assert.equal(answer.status, 200)
      assert.equal(answer.body, 'nobody')
    }),

  'B44 An end that the store does not confirm rejects, and clears the cookie of this browser':
    async (serve) => {
      const errors: (SessionError | undefined)[] = []
      const careful: Handler = async (session, reply) => {
        const error = await errorOf(session.end())
        errors.push(error)
        await reply.send(error?.status ?? 200, session.userId ?? 'nobody')
      }
      await serve({ '/logout': careful }, async (app) => {
        const { cookie, id } = await signIn(app.sessions)
        app.store.fail('delete')
        const answer = await app.get('/logout', { cookie })
        assert.equal(answer.status, 503)
        assert.equal(answer.body, 'nobody')
        assertCleared(answer)
        assert.equal(errors[0]?.code, 'ERR_STORE_UNAVAILABLE')
        assert.equal(errors[0].record, 'unknown')
        assert.ok(await app.record(id))
      })
    },

  'B45 An end that fails and is not caught is a 503 that clears the cookie': (serve) =>
    serve({ '/': whoami, '/logout': logout }, async (app) => {
      const { cookie, userId } = await signIn(app.sessions)
      app.store.fail('delete')
      const answer = await app.get('/logout', { cookie })
      assert.equal(answer.status, 503)
      assertCleared(answer)
      assert.equal(cacheControl(answer), 'no-store')
      app.store.restore()
      assert.equal((await app.get('/', { cookie })).body, userId, 'nobody was told otherwise')
      assertCleared(await app.get('/logout', { cookie }))
      assert.equal((await app.get('/', { cookie })).body, 'nobody')
    }),

  'B46 An end that failed can be called again': async (serve) => {
    const codes: unknown[] = []
    const stubborn: Handler = async (session, reply) => {
      codes.push(await codeOf(session.end()))
      codes.push(await codeOf(session.end()))
      await reply.send(200)
    }
    await serve({ '/logout': stubborn }, async (app) => {
      const { cookie, id } = await signIn(app.sessions)
      app.store.fail('delete', { times: 1 })
      assertCleared(await app.get('/logout', { cookie }))
      assert.deepEqual(codes, ['ERR_STORE_UNAVAILABLE', undefined])
      assert.equal(await app.record(id), undefined)
    })
  },

  'B47 A login that the store does not confirm is a 503 without a cookie': (serve) => {
    const userId = newUser()
    return serve({ '/login': login(userId) }, async (app) => {
      app.store.fail('insert')
      const answer = await app.get('/login')
      assert.equal(answer.status, 503)
      assert.deepEqual(cookiesNamed(answer, COOKIE), [])
      app.store.restore()
      assert.deepEqual(await app.sessions.list(userId), [])
      assertIssued(await app.get('/login'))
    })
  },
}

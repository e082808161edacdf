import assert from 'node:assert/strict'
import {
  assertCleared,
  assertIssued,
  assertSilent,
  cacheControl,
  COOKIE,
  cookiesNamed,
  headerValues,
  otherCookies,
} from './binding-answers.ts'
import { login, logout, newUser, signIn, whoami, type Cases } from './binding-harness.ts'
import type { Handler } from './binding-port.ts'

/** What else is on the response: the app's own cookies, and how it may be cached. */
export const headerCases: Cases = {
  'B19 The cookies that the app sets are kept, before the session’s and after it': (serve) =>
    serve(
      {
        '/': async (session, reply) => {
          reply.addHeader('Set-Cookie', 'a=1; Path=/')
          reply.addHeader('Set-Cookie', 'b=2; Expires=Wed, 01 Jan 2070 00:00:00 GMT')
          await session.create({ userId: newUser() })
          reply.addHeader('Set-Cookie', 'c=3')
          reply.addHeader('Set-Cookie', `${COOKIE}-theme=dark`)
          await reply.send(200)
        },
      },
      async (app) => {
        const answer = await app.get('/')
        assertIssued(answer)
        assert.deepEqual(otherCookies(answer), [
          'a=1; Path=/',
          'b=2; Expires=Wed, 01 Jan 2070 00:00:00 GMT',
          'c=3',
          `${COOKIE}-theme=dark`,
        ])
      },
    ),

  'B20 Cookies that replace all others are kept, and the session’s with them': (serve) =>
    serve(
      {
        '/': async (session, reply) => {
          reply.addHeader('Set-Cookie', 'a=1')
          await session.end()
          reply.setHeader('Set-Cookie', 'b=2')
          await reply.send(200)
        },
      },
      async (app) => {
        const { cookie } = await signIn(app.sessions)
        const answer = await app.get('/', { cookie })
        assertCleared(answer)
        assert.deepEqual(otherCookies(answer), ['b=2'])
      },
    ),

  'B21 One Set-Cookie: the app’s own of the session’s name is replaced': (serve) =>
    serve(
      {
        '/before': async (session, reply) => {
          reply.addHeader('Set-Cookie', `${COOKIE}=mine; Path=/`)
          await session.end()
          await reply.send(200)
        },
        '/after': async (session, reply) => {
          await session.end()
          reply.addHeader('Set-Cookie', `${COOKIE}=mine; Path=/; Secure`)
          reply.addHeader('Set-Cookie', ` ${COOKIE} =mine`)
          reply.addHeader('Set-Cookie', COOKIE)
          await reply.send(200)
        },
      },
      async (app) => {
        for (const path of ['/before', '/after']) {
          const { cookie } = await signIn(app.sessions)
          assertCleared(await app.get(path, { cookie }))
        }
      },
    ),

  'B22 The app’s own Set-Cookie of the session’s name is its affair where the session has none': (
    serve,
  ) =>
    serve(
      {
        '/': async (_session, reply) => {
          reply.addHeader('Set-Cookie', `${COOKIE}=mine`)
          await reply.send(200)
        },
      },
      async (app) => {
        const values = cookiesNamed(await app.get('/'), COOKIE).map(({ value }) => value)
        assert.deepEqual(values, ['mine'])
      },
    ),

  'B23 What sets or clears the cookie must not be stored': (serve) =>
    serve({ '/login': login(newUser()), '/logout': logout }, async (app) => {
      const answer = await app.get('/login')
      assert.equal(cacheControl(answer), 'no-store')
      const cookie = assertIssued(answer)
      assert.equal(cacheControl(await app.get('/logout', { cookie })), 'no-store')
    }),

  'B24 What the app says of storing stands': (serve) =>
    serve(
      {
        '/before': async (session, reply) => {
          reply.setHeader('Cache-Control', 'private, max-age=5')
          await session.create({ userId: newUser() })
          await reply.send(200)
        },
        '/after': async (session, reply) => {
          await session.create({ userId: newUser() })
          reply.setHeader('Cache-Control', 'private, max-age=5')
          await reply.send(200)
        },
      },
      async (app) => {
        for (const path of ['/before', '/after']) {
          const answer = await app.get(path)
          assertIssued(answer)
          assert.equal(cacheControl(answer), 'private, max-age=5')
        }
      },
    ),

  'B25 A logout also empties the browser’s stores, if asked to': (serve) =>
    serve(
      {
        '/logout': logout,
        '/thorough': async (session, reply) => {
          await session.end({ clearSiteData: true })
          await reply.send(200)
        },
      },
      async (app) => {
        const thorough = await app.get('/thorough')
        assertCleared(thorough)
        assert.deepEqual(headerValues(thorough, 'clear-site-data'), ['"cache", "storage"'])
        assert.deepEqual(headerValues(await app.get('/logout'), 'clear-site-data'), [])
      },
    ),
}

/** An answer of some kind after `create` and after `end`. */
function answering(answer: Handler): Record<'/' | '/login' | '/logout', Handler> {
  return {
    '/': answer,
    '/login': async (session, reply, others) => {
      await session.create({ userId: newUser() })
      await answer(session, reply, others)
    },
    '/logout': async (session, reply, others) => {
      await session.end()
      await answer(session, reply, others)
    },
  }
}

function keptOn(
  status: number,
  answer: Handler,
  { method, body = '' }: { method?: 'HEAD'; body?: string } = {},
): Cases[string] {
  return (serve) =>
    serve(answering(answer), async (app) => {
      const options = method ? { method } : {}
      const { cookie, id } = await signIn(app.sessions)
      const plain = await app.get('/', options)
      const loggedIn = await app.get('/login', options)
      const loggedOut = await app.get('/logout', { ...options, cookie })
      assertSilent(plain)
      assertIssued(loggedIn)
      assertCleared(loggedOut)
      assert.equal(await app.record(id), undefined)
      for (const each of [plain, loggedIn, loggedOut]) {
        assert.equal(each.status, status)
        // What an error page says is the framework's affair.
        if (status !== 500) assert.equal(each.body, body)
      }
    })
}

/** Every kind of answer carries the cookie. */
export const answerCases: Cases = {
  'B26 A redirect carries the cookie': (serve) =>
    serve(
      answering((_session, reply) => reply.redirect('/welcome')),
      async (app) => {
        const loggedIn = await app.get('/login')
        const loggedOut = await app.get('/logout', { cookie: assertIssued(loggedIn) })
        assertCleared(loggedOut)
        for (const answer of [loggedIn, loggedOut]) {
          assert.equal(answer.status, 302)
          assert.deepEqual(headerValues(answer, 'location'), ['/welcome'])
        }
      },
    ),

  'B27 An error that the handler throws does not take the cookie with it': keptOn(500, () => {
    throw new Error('thrown by the handler, on purpose')
  }),

  'B28 An answer to HEAD carries the cookie': keptOn(
    200,
    (_session, reply) => reply.send(200, 'not for HEAD'),
    { method: 'HEAD' },
  ),

  'B29 A 204 carries the cookie': keptOn(204, (_session, reply) => reply.send(204)),

  'B30 A 304 carries the cookie': keptOn(304, (_session, reply) => reply.send(304)),

  'B31 A 404 carries the cookie': keptOn(404, (_session, reply) => reply.send(404, 'not here'), {
    body: 'not here',
  }),

  'B32 The 404 of the framework carries the cookie': (serve) =>
    serve({ '/': whoami }, async (app) => {
      const { cookie, id } = await signIn(app.sessions)
      await app.sessions.destroy(id)
      const answer = await app.get('/no-such-page', { cookie })
      assert.equal(answer.status, 404)
      assertCleared(answer)
      assertSilent(await app.get('/no-such-page'))
    }),

  'B33 A body that comes in parts comes whole, after headers that carry the cookie': keptOn(
    200,
    (_session, reply) => reply.stream(threeParts()),
    { body: 'one two three' },
  ),
}

async function* threeParts(): AsyncGenerator<string> {
  yield 'one '
  yield 'two '
  yield 'three'
}

/** Nothing is written behind the handler's back, not even what it forgot. */

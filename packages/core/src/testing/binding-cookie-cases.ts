import assert from 'node:assert/strict'
import {
  assertCleared,
  assertIssued,
  assertSilent,
  cookiesNamed,
  DEFAULT_ATTRIBUTES,
  codeOf,
} from './binding-answers.ts'
import { elsewhere, login, logout, newUser, signIn, whoami, type Cases } from './binding-harness.ts'

/** Which requests carry a session cookie, which do not, and what it looks like. */
export const cookieCases: Cases = {
  'B1 An anonymous visit gets no cookie, and nothing is written': (serve) =>
    serve({ '/': whoami }, async (app) => {
      const answer = await app.get('/')
      assert.equal(answer.status, 200)
      assert.equal(answer.body, 'nobody')
      assertSilent(answer)
      assert.deepEqual(app.store.calls, [])
    }),

  'B2 An ordinary signed-in request gets no cookie, and writes nothing but that it was seen': (
    serve,
  ) =>
    serve({ '/': whoami }, async (app) => {
      const { cookie, userId } = await signIn(app.sessions)
      const before = app.writes()
      const first = await app.get('/', { cookie })
      assert.equal(first.body, userId)
      assertSilent(first)
      assert.deepEqual(app.writes(), before)
      app.clock.advance(600)
      const later = await app.get('/', { cookie })
      assert.equal(later.body, userId)
      assertSilent(later)
      assert.deepEqual(app.writes(), [...before, 'touch'])
    }),

  'B3 Saving the data of a session sends no cookie': (serve) =>
    serve(
      {
        '/save': async (session, reply) => {
          session.data['theme'] = 'dark'
          await session.save()
          await reply.send(200, 'saved')
        },
      },
      async (app) => {
        const { cookie, id } = await signIn(app.sessions)
        assertSilent(await app.get('/save', { cookie }))
        assert.equal((await app.record(id))?.data, '{"theme":"dark"}')
      },
    ),

  'B4 A login sends one cookie, with the safe attributes': (serve) => {
    const userId = newUser()
    return serve({ '/login': login(userId), '/': whoami }, async (app) => {
      const answer = await app.get('/login')
      assert.equal(answer.status, 200)
      assert.equal(answer.body, 'hello')
      const cookie = assertIssued(answer)
      assert.equal((await app.get('/', { cookie })).body, userId)
    })
  },

  'B5 A logout sends one cookie, the same but empty and of the past': (serve) =>
    serve({ '/logout': logout }, async (app) => {
      const { cookie } = await signIn(app.sessions)
      const answer = await app.get('/logout', { cookie })
      assert.equal(answer.status, 200)
      assert.equal(answer.body, 'goodbye')
      assertCleared(answer)
    }),

  'B6 The attributes that the app chose are those of login and logout alike': (serve) => {
    const name = '__Secure-sid'
    const chosen = { domain: 'app.example', path: '/shop', samesite: 'None', partitioned: '' }
    const attributes = { ...DEFAULT_ATTRIBUTES, ...chosen }
    return serve(
      { '/login': login(newUser()), '/logout': logout },
      async (app) => {
        const cookie = assertIssued(await app.get('/login'), { name, attributes })
        assertCleared(await app.get('/logout', { cookie }), { name, attributes })
      },
      {
        cookie: {
          name: 'sid',
          domain: 'app.example',
          path: '/shop',
          sameSite: 'none',
          partitioned: true,
        },
      },
    )
  },

  'B7 A rotation sends one cookie, and the old one stops': (serve) =>
    serve(
      {
        '/': whoami,
        '/rotate': async (session, reply) => {
          await session.rotate()
          await reply.send(200, 'rotated')
        },
      },
      async (app) => {
        const { cookie, userId } = await signIn(app.sessions)
        const renewed = assertIssued(await app.get('/rotate', { cookie }))
        assert.equal((await app.get('/', { cookie })).body, 'nobody')
        assert.equal((await app.get('/', { cookie: renewed })).body, userId)
      },
    ),

  'B8 End is final: when it is answered, the record is gone and the cookie refused': (serve) =>
    serve({ '/': whoami, '/logout': logout }, async (app) => {
      const { cookie, id, userId } = await signIn(app.sessions)
      assert.equal((await app.get('/', { cookie })).body, userId)
      await app.get('/logout', { cookie })
      assert.equal(await app.record(id), undefined)
      assert.equal((await app.get('/', { cookie })).body, 'nobody')
      assert.deepEqual(await app.sessions.list(userId), [])
    }),

  'B9 Nothing resurrects: a save after end rejects, and the answer still clears the cookie': (
    serve,
  ) => {
    const codes: unknown[] = []
    return serve(
      {
        '/logout': async (session, reply) => {
          await session.end()
          session.data['seen'] = true
          codes.push(await codeOf(session.save()))
          await reply.send(200, 'goodbye')
        },
      },
      async (app) => {
        const { cookie, id } = await signIn(app.sessions)
        assertCleared(await app.get('/logout', { cookie }))
        assert.deepEqual(codes, ['ERR_SESSION_ENDED'])
        assert.equal(await app.record(id), undefined)
      },
    )
  },
}

/** One slot for the cookie: of several calls in one request, the last decides. */
export const lastCallCases: Cases = {
  'B10 The last call wins: save, then end, clears the cookie': (serve) =>
    serve(
      {
        '/': async (session, reply) => {
          session.data['cart'] = ['book']
          await session.save()
          await session.end()
          await reply.send(200)
        },
      },
      async (app) => {
        const { cookie, id } = await signIn(app.sessions)
        assertCleared(await app.get('/', { cookie }))
        assert.equal(await app.record(id), undefined)
        // Without a session the save starts one, and hands out its cookie.
        assertCleared(await app.get('/'))
      },
    ),

  'B11 The last call wins: end twice clears the cookie once': (serve) =>
    serve(
      {
        '/': async (session, reply) => {
          await session.end()
          await session.end()
          await reply.send(200)
        },
      },
      async (app) => {
        const { cookie } = await signIn(app.sessions)
        assertCleared(await app.get('/', { cookie }))
      },
    ),

  'B12 The last call wins: create, then end, leaves no session': (serve) => {
    const userId = newUser()
    return serve(
      {
        '/': async (session, reply) => {
          await session.create({ userId })
          await session.end()
          await reply.send(200)
        },
      },
      async (app) => {
        assertCleared(await app.get('/'))
        assert.deepEqual(await app.sessions.list(userId), [])
      },
    )
  },

  'B13 The last call wins: end, then create, signs in anew': (serve) => {
    const userId = newUser()
    return serve(
      {
        '/': whoami,
        '/switch': async (session, reply) => {
          await session.end()
          await session.create({ userId })
          await reply.send(200)
        },
      },
      async (app) => {
        const old = await signIn(app.sessions)
        const cookie = assertIssued(await app.get('/switch', { cookie: old.cookie }))
        assert.equal((await app.get('/', { cookie })).body, userId)
        assert.equal(await app.record(old.id), undefined)
      },
    )
  },
}

/** Cookies whose session is over, or has a newer cookie. */
export const oldCookieCases: Cases = {
  'B14 A dead cookie is cleared on a navigation': (serve) =>
    serve({ '/': whoami }, async (app) => {
      const { cookie, id } = await signIn(app.sessions)
      await app.sessions.destroy(id)
      for (const mode of [undefined, 'navigate']) {
        const answer = await app.get('/', { cookie, mode })
        assert.equal(answer.status, 200)
        assert.equal(answer.body, 'nobody')
        assertCleared(answer)
      }
    }),

  'B15 A dead cookie is left alone by any other request, which may be slower than a login': (
    serve,
  ) =>
    serve({ '/': whoami }, async (app) => {
      const { cookie, id } = await signIn(app.sessions)
      await app.sessions.destroy(id)
      for (const mode of ['cors', 'no-cors', 'same-origin', 'websocket']) {
        const answer = await app.get('/', { cookie, mode })
        assert.equal(answer.body, 'nobody')
        assertSilent(answer)
      }
    }),

  'B16 A login over a dead cookie sends the cookie of the login': (serve) => {
    const userId = newUser()
    return serve({ '/login': login(userId), '/': whoami }, async (app) => {
      const old = await signIn(app.sessions)
      await app.sessions.destroy(old.id)
      const cookie = assertIssued(await app.get('/login', { cookie: old.cookie }))
      assert.equal((await app.get('/', { cookie })).body, userId)
    })
  },

  'B17 A stale cookie is never cleared, and cannot save': (serve) => {
    const codes: unknown[] = []
    return serve(
      {
        '/': whoami,
        '/save': async (session, reply) => {
          session.data['theme'] = 'dark'
          codes.push(await codeOf(session.save()))
          delete session.data['theme']
          await reply.send(200, session.userId ?? 'nobody')
        },
      },
      async (app) => {
        const { cookie, id } = await signIn(app.sessions)
        const renewed = await elsewhere(app.sessions, cookie, (session) => session.rotate())
        assert.ok(renewed)
        for (const [path, mode] of [['/'], ['/', 'navigate'], ['/', 'cors'], ['/save']] as const) {
          const answer = await app.get(path, { cookie, mode })
          assert.equal(answer.body, 'nobody')
          assertSilent(answer)
        }
        assert.deepEqual(codes, ['ERR_SESSION_ENDED'])
        assert.equal((await app.record(id))?.data, '{}')
      },
    )
  },

  'B18 End is final also from a stale cookie': (serve) =>
    serve({ '/logout': logout }, async (app) => {
      const { cookie, id } = await signIn(app.sessions)
      await elsewhere(app.sessions, cookie, (session) => session.rotate())
      const answer = await app.get('/logout', { cookie })
      assertCleared(answer)
      assert.equal(cookiesNamed(answer, '__Host-session').length, 1)
      assert.equal(await app.record(id), undefined)
    }),
}

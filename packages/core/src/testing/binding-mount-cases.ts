import assert from 'node:assert/strict'
import { assertCleared, assertIssued, assertSilent, cacheControl } from './binding-answers.ts'
import { login, logout, newUser, signIn, whoami, type Cases } from './binding-harness.ts'
import type { Handler } from './binding-port.ts'

const ADMIN = '__Host-admin'
const both: Handler = (session, reply, [admin]) =>
  reply.send(200, `${session.userId ?? 'nobody'}, ${admin?.userId ?? 'nobody'}`)

/** The binding more than once in one app. */
export const mountCases: Cases = {
  'B53 Two Sessions in one app have a cookie each, set and cleared apart': (serve) => {
    const [user, admin] = [newUser(), newUser()]
    const signIns: Handler = async (session, reply, [second]) => {
      await session.create({ userId: user })
      await second?.create({ userId: admin })
      await both(session, reply, second ? [second] : [])
    }
    const endSecond: Handler = async (session, reply, [second]) => {
      await second?.end()
      await both(session, reply, second ? [second] : [])
    }
    return serve(
      { '/': both, '/login': signIns, '/logout': logout, '/logout-admin': endSecond },
      async (app) => {
        const answer = await app.get('/login')
        assert.equal(answer.body, `${user}, ${admin}`)
        const cookies = [assertIssued(answer), assertIssued(answer, { name: ADMIN })]
        const cookie = cookies.join('; ')
        assert.equal((await app.get('/', { cookie })).body, `${user}, ${admin}`)
        const [first = '', second = ''] = cookies
        assert.equal((await app.get('/', { cookie: first })).body, `${user}, nobody`)
        assert.equal((await app.get('/', { cookie: second })).body, `nobody, ${admin}`)
        const signedOut = await app.get('/logout-admin', { cookie })
        assert.equal(signedOut.body, `${user}, nobody`)
        assertCleared(signedOut, { name: ADMIN })
        assert.equal(cacheControl(signedOut), 'no-store')
        const after = await app.get('/', { cookie, mode: 'cors' })
        assert.equal(after.body, `${user}, nobody`)
        assertCleared(await app.get('/logout', { cookie: first }))
      },
      { others: [{ name: 'admin' }] },
    )
  },

  'B54 The cookie of one Sessions is nothing to another': (serve) =>
    serve(
      { '/': both },
      async (app) => {
        const [admins = app.sessions] = app.others
        const { cookie, userId } = await signIn(admins)
        const answer = await app.get('/', { cookie })
        assert.equal(answer.body, `nobody, ${userId}`)
        assertSilent(answer)
        assert.equal(app.events.filter(({ type }) => type === 'rejected').length, 0)
      },
      { others: [{ name: 'admin' }] },
    ),

  'B55 Mounted twice, the binding looks once and sends one cookie': (serve) => {
    const userId = newUser()
    const last: Handler = (_session, reply, [same]) => same && login(userId)(same, reply, [])
    return serve(
      { '/': both, '/login': login(userId), '/login-last': last, '/logout': logout },
      async (app) => {
        const answer = await app.get('/login')
        const cookie = assertIssued(answer)
        const before = app.store.calls.length
        const read = await app.get('/', { cookie })
        assert.equal(read.body, `${userId}, ${userId}`)
        assertSilent(read)
        assert.equal(app.store.calls.length, before + 1)
        assertCleared(await app.get('/logout', { cookie }))
        // The cookie is dead by now: what clears it must not win over a login.
        assertIssued(await app.get('/login', { cookie }))
        assertIssued(await app.get('/login-last', { cookie }))
      },
      { others: ['same'] },
    )
  },

  'B56 Mounted twice, it is one session, of which the last call wins': (serve) => {
    const userId = newUser()
    const mixed: Handler = async (session, reply, [same]) => {
      await session.create({ userId })
      await same?.end()
      await both(session, reply, same ? [same] : [])
    }
    return serve(
      { '/': mixed },
      async (app) => {
        const answer = await app.get('/')
        assert.equal(answer.body, 'nobody, nobody')
        assertCleared(answer)
        assert.deepEqual(await app.sessions.list(userId), [])
      },
      { others: ['same'] },
    )
  },

  'B57 Two Sessions each clear their dead cookie in one answer': (serve) =>
    serve(
      { '/': whoami },
      async (app) => {
        const [admins = app.sessions] = app.others
        const dead = [await signIn(app.sessions), await signIn(admins)]
        for (const { id } of dead) await app.sessions.destroy(id)
        const cookie = dead.map((each) => each.cookie).join('; ')
        const answer = await app.get('/', { cookie })
        assertCleared(answer)
        assertCleared(answer, { name: ADMIN })
      },
      { others: [{ name: 'admin' }] },
    ),
}

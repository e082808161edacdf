import assert from 'node:assert/strict'
import { assertCleared, assertSilent } from './binding-answers.ts'
import { login, newUser, signIn, whoami, type Cases } from './binding-harness.ts'

export const forgottenCases: Cases = {
  'B34 A handler that changed data and never saved it is warned of, in development': (serve) =>
    serve(
      {
        '/': async (session, reply) => {
          session.data['theme'] = 'dark'
          await reply.send(200)
        },
      },
      async (app) => {
        const { cookie, id } = await signIn(app.sessions)
        const warning = nextWarning()
        assertSilent(await app.get('/', { cookie }))
        assert.match(await warning, /session\.data was changed and not saved/)
        assert.equal((await app.record(id))?.data, '{}')
      },
    ),
}

/** What else fails without an error. */
export const mistakeCases: Cases = {
  'B58 A response that does not wait for end is warned of, in development, and ends it all the same':
    (serve) => {
      const ends: Promise<void>[] = []
      return serve(
        {
          '/': async (session, reply) => {
            ends.push(session.end())
            await reply.send(200)
          },
        },
        async (app) => {
          const { cookie, id } = await signIn(app.sessions)
          app.store.pause('delete')
          const warning = nextWarning()
          assertCleared(await app.get('/', { cookie }))
          assert.match(await warning, /session\.end\(\) was not awaited/)
          app.store.release('delete')
          await Promise.all(ends)
          assert.equal(await app.record(id), undefined)
        },
      )
    },

  'B59 Mounted twice, the binding warns of it, in development': (serve) =>
    serve(
      { '/': whoami },
      async (app) => {
        const warning = nextWarning()
        await app.get('/')
        assert.match(await warning, /mounted twice/)
      },
      { others: ['same'] },
    ),

  'B60 Two Sessions of one cookie name in one app are warned of, in development': (serve) => {
    const userId = newUser()
    return serve(
      { '/login': login(userId) },
      async (app) => {
        const warning = nextWarning()
        await app.get('/login')
        assert.match(await warning, /two createSessions with one cookie name/)
      },
      { others: [{}] },
    )
  },
}

/** What the console is told next; it does not reach the console. */
function nextWarning(): Promise<string> {
  const { console } = globalThis
  const { warn } = console
  return new Promise((resolve) => {
    console.warn = (message: unknown) => {
      console.warn = warn
      resolve(String(message))
    }
  })
}

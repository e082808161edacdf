import assert from 'node:assert/strict'
import { assertIssued, assertSilent, COOKIE } from './binding-answers.ts'
import { gate, newUser, signIn, whoami, type Cases, type TestApp } from './binding-harness.ts'
import type { Handler, Routes } from './binding-port.ts'

type Cookie = string | readonly string[]

/** Every byte that a header may hold and that does not end a cookie. */
const BYTES = String.fromCharCode(
  ...Array.from({ length: 256 }, (_, code) => code).filter(
    (code) => code === 9 || (code >= 32 && code !== 59 && code !== 127),
  ),
)

function malformed(value: string): Record<string, string> {
  const changed = value.slice(0, -40) + (value.at(-40) === 'A' ? 'B' : 'A') + value.slice(-39)
  return {
    empty: '',
    'a word': 'x',
    'a percent sign': '%',
    'broken percent-encoding': '%E0%A4%A',
    'percent-encoding that is none': '%zz%',
    'a name of Object.prototype': '__proto__',
    quoted: `"${value}"`,
    'more equals signs': `==${value}`,
    'every byte': BYTES,
    'the end cut off': value.slice(0, -1),
    'something added': `${value}x`,
    'another form of the same': value.replace(/~2$/, '~3'),
    'one character changed': changed,
    long: 'a'.repeat(15_000),
    'long after a good beginning': value + 'A'.repeat(12_000),
  }
}

/** Cookie headers that name the session cookie, and are none that was handed out. */
function refused(good: string): Record<string, Cookie> {
  const value = good.slice(COOKIE.length + 1)
  const single = Object.entries(malformed(value)).map(([name, bad]) => [name, `${COOKIE}=${bad}`])
  return {
    ...(Object.fromEntries(single) as Record<string, Cookie>),
    'among thousands': `${'a=1; '.repeat(2500)}${COOKIE}=x`,
    'between broken pairs': `=; ;;=a;a;${COOKIE}=x;=;"`,
    'twice, the good one first': `${good}; ${COOKIE}=x`,
    'twice, the good one last': `${COOKIE}=x; ${good}`,
    'the good one twice': `${good}; ${good}`,
    'twice, without a blank': `${good};${good}`,
    'once in each of two headers': [good, good],
    'in two headers, the good one last': [`a=1; ${COOKIE}=x`, good],
  }
}

/** Cookie headers in which there is no cookie of the session's name. */
function others(good: string): Record<string, Cookie> {
  return {
    none: '',
    'only other cookies': 'a=1; b=2',
    'a longer name': `x${good}`,
    'another prefix': good.replace('__Host-', '__Secure-'),
    'in another case': good.replace('__Host-', '__host-'),
    'the name without a value': COOKIE,
    'in the value of another': `a=${good}`,
    'nothing but separators': ';;; ; ;',
    'every byte': `a=${BYTES}`,
    'up to the limit': 'a'.repeat(15_000),
  }
}

async function askAs(app: TestApp, cookie: Cookie, what: string): Promise<void> {
  const answer = await app.get('/', { cookie })
  assert.equal(answer.status, 200, what)
  assert.equal(answer.body, 'nobody', what)
  assertSilent(answer)
}

/** Bad input is quietly not signed in: never an error, never a crash. */
export const badCookieCases: Cases = {
  'B48 A cookie that is none of ours is not signed in, and an event says so': (serve) =>
    serve({ '/': whoami }, async (app) => {
      const { cookie: good, userId } = await signIn(app.sessions)
      for (const [what, cookie] of Object.entries(refused(good))) {
        const before = app.events.length
        await askAs(app, cookie, what)
        const events = app.events.slice(before).map(({ type }) => type)
        assert.deepEqual(events, ['rejected'], what)
      }
      assert.equal((await app.get('/', { cookie: good })).body, userId)
    }),

  'B49 Other cookies, whatever they hold, do not concern the session': (serve) =>
    serve({ '/': whoami }, async (app) => {
      const { cookie: good, userId } = await signIn(app.sessions)
      const before = app.events.length
      for (const [what, cookie] of Object.entries(others(good))) {
        await askAs(app, cookie, what)
        const beside: Cookie = [cookie, good]
          .flat()
          .filter((part) => part !== '')
          .join('; ')
        const answer = await app.get('/', { cookie: beside })
        assert.equal(answer.body, userId, `beside: ${what}`)
      }
      assert.equal(app.events.length, before)
    }),

  'B50 Of several Cookie headers each counts': (serve) =>
    serve({ '/': whoami }, async (app) => {
      const { cookie, userId } = await signIn(app.sessions)
      for (const headers of [
        ['a=1', cookie],
        [cookie, 'a=1'],
        ['a=1', cookie, 'b=2'],
      ]) {
        assert.equal((await app.get('/', { cookie: headers })).body, userId)
      }
    }),
}

const TOGETHER = 20

/** Each handler goes on when all have been reached, so that all are under way at once. */
function together(handler: (index: number) => Handler): Routes {
  const allHere = gate()
  let here = 0
  const entries = Array.from({ length: TOGETHER }, (_, index): [string, Handler] => [
    `/${index}`,
    async (...args) => {
      here++
      if (here === TOGETHER) allHere.open()
      await allHere.opened
      await handler(index)(...args)
    },
  ])
  return { '/': whoami, ...Object.fromEntries(entries) }
}

/** Requests at the same time keep to themselves. */
export const parallelCases: Cases = {
  'B51 Requests at the same time each have their own session': (serve) =>
    serve(
      together(() => whoami),
      async (app) => {
        const users = await Promise.all(
          Array.from({ length: TOGETHER }, () => signIn(app.sessions)),
        )
        const answers = await Promise.all(
          users.map(({ cookie }, index) => app.get(`/${index}`, { cookie })),
        )
        assert.deepEqual(
          answers.map(({ body }) => body),
          users.map(({ userId }) => userId),
        )
      },
    ),

  'B52 Logins at the same time each get their own cookie': (serve) => {
    const users = Array.from({ length: TOGETHER }, newUser)
    const signsIn = together((index) => async (session, reply) => {
      await session.create({ userId: users[index] ?? '' })
      await reply.send(200)
    })
    return serve(signsIn, async (app) => {
      const answers = await Promise.all(users.map((_user, index) => app.get(`/${index}`)))
      const cookies = answers.map((answer) => assertIssued(answer))
      const bodies = await Promise.all(
        cookies.map(async (cookie) => (await app.get('/', { cookie })).body),
      )
      assert.deepEqual(bodies, users)
    })
  },
}

import { MongoClient } from 'mongodb'
import { afterAll, describe, expect, inject, it } from 'vitest'
import { blocksOf } from './documents.ts'
import { run } from './running.ts'

const SESSION_SECRET = 'a-secret-of-the-getting-started-test'
const DATABASE = 'app'
const HOLDS_STORE = { import: /^import .*'@adjourn\/sqlite'\n/m, line: /^const store = .*\n/m }

const blocks = await blocksOf('docs/getting-started.md')

function blockWith(...texts: readonly string[]): string {
  const found = blocks.filter(({ code }) => texts.every((text) => code.includes(text)))
  expect(found, texts.join()).toHaveLength(1)
  return found[0]?.code ?? ''
}

/** The program with the lines that the document has for MongoDB. */
function onMongo(program: string): string {
  const lines = blockWith('mongoStore(client.db(')
  expect(program).toMatch(HOLDS_STORE.import)
  expect(program).toMatch(HOLDS_STORE.line)
  return program.replace(HOLDS_STORE.import, '').replace(HOLDS_STORE.line, lines)
}

const programs = {
  Express: blockWith("from '@adjourn/express'", 'app.listen'),
  Hono: blockWith("from '@adjourn/hono'", 'serve({'),
}

interface Answer {
  readonly status: number
  readonly body: string
  readonly setCookies: readonly string[]
}

async function ask(url: string, cookie: string, form?: Record<string, string>): Promise<Answer> {
  const response = await fetch(url, {
    headers: { cookie },
    redirect: 'manual',
    ...(form && { method: 'POST', body: new URLSearchParams(form) }),
  })
  const { status, headers } = response
  return { status, body: await response.text(), setCookies: headers.getSetCookie() }
}

async function signInAndOut(at: string): Promise<void> {
  expect((await ask(`${at}/`, '')).body).toContain('Sign in')
  expect(await ask(`${at}/me`, '')).toEqual({ status: 401, body: '{"user":null}', setCookies: [] })
  const wrong = await ask(`${at}/login`, '', { user: 'ada', password: 'wrong' })
  expect(wrong).toMatchObject({ status: 401, setCookies: [] })

  const login = await ask(`${at}/login`, '', { user: 'ada', password: 'correct horse' })
  expect(login).toMatchObject({ status: 303, setCookies: [expect.stringMatching(/^session=Fe26/)] })
  const cookie = login.setCookies[0]?.split(';')[0] ?? ''
  expect(await ask(`${at}/me`, cookie)).toMatchObject({ status: 200, body: '{"user":"ada"}' })
  expect((await ask(`${at}/`, cookie)).body).toContain('Sign out')

  const logout = await ask(`${at}/logout`, cookie, {})
  expect(logout).toMatchObject({
    status: 303,
    setCookies: [expect.stringMatching(/^session=; Max-Age=0; /)],
  })
  expect((await ask(`${at}/me`, cookie)).status).toBe(401)
}

// A process of its own each, which takes a while to start where others run.
describe.each(Object.entries(programs))(
  'the program for %s',
  { timeout: 180_000 },
  (_name, program) => {
    it('signs in and out, with SQLite', async () => {
      await using server = await run(program, { SESSION_SECRET })
      await signInAndOut(server.at)
    })

    it('signs in and out, with MongoDB', async () => {
      await using server = await run(onMongo(program), {
        SESSION_SECRET,
        MONGODB_URI: inject('mongodbUri'),
      })
      await signInAndOut(server.at)
    })

    it('does not start without a secret', async () => {
      await expect(run(program, { SESSION_SECRET: '' })).rejects.toThrow('ERR_CONFIG')
    })
  },
)

afterAll(async () => {
  await using client = new MongoClient(inject('mongodbUri'))
  await client.db(DATABASE).dropDatabase()
})

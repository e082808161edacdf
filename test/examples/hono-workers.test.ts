import { startLocally } from '@adjourn/example-hono-workers'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { NEXT_PASSWORD, PASSWORD, signInTests, USER } from './sign-in.ts'
import { askAt, Visitor, type Ask } from './visitor.ts'

type Worker = Awaited<ReturnType<typeof startLocally>>

let worker: Worker
let origin: string
const ask: Ask = (path, sent) => askAt(origin)(path, sent)
const visitor = (): Visitor => new Visitor(ask)

beforeAll(async () => {
  worker = await startLocally({ secrets: 'the-secret-of-the-examples-tests-0' })
  origin = (await worker.ready).origin
})
afterEach(async () => {
  const last = await visitor().login(USER, PASSWORD)
  await last.delete('/account/devices')
})
afterAll(() => worker.dispose())

/** Its memory is the worker's own, so the user has to look. */
async function records(user: string): Promise<number> {
  for (const password of [PASSWORD, NEXT_PASSWORD]) {
    const another = visitor()
    if ((await another.post('/login', { user, password })).status === 200) {
      const { body } = await another.get('/account/devices')
      await another.post('/logout')
      return (JSON.parse(body) as unknown[]).length - 1
    }
  }
  return 0
}

signInTests(() => ({ ask, records }))

test('counts visits that come together, each once', async () => {
  const laptop = await visitor().login(USER, PASSWORD)
  const visits = Array.from({ length: 8 }, () => laptop.copy().post('/account/visits'))
  for (const { status } of await Promise.all(visits)) expect(status).toBe(200)
  expect((await laptop.get('/account')).body).toBe('{"user":"ada","visits":8}')
})

test('revokes all sessions of the user, and every cookie is deleted in time', async () => {
  const laptop = await visitor().login(USER, PASSWORD)
  const phone = await visitor().login(USER, PASSWORD)
  const { status, setCookies } = await laptop.delete('/account/devices')
  expect({ status, cookies: setCookies.length }).toEqual({ status: 204, cookies: 1 })
  expect(laptop.cookie).toBe('')
  expect(await phone.whoami()).toBeUndefined()
  expect(phone.cookie).toBe('')
  expect(await records(USER)).toBe(0)
})

test.each(['/logout', '/account/devices'])('%s ends a stream of events', async (path) => {
  const laptop = await visitor().login(USER, PASSWORD)
  const headers = { cookie: laptop.cookie }
  const response = await fetch(`${origin}/events`, { headers })
  const lines = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  expect(await lines?.read()).toEqual({ done: false, value: 'data: hello ada\n\n' })
  expect((await laptop.send(path, { method: path === '/logout' ? 'POST' : 'DELETE' })).status).toBe(
    204,
  )
  expect(await lines?.read()).toEqual({ done: true, value: undefined })
})

test('streams nothing to nobody', async () => {
  expect((await visitor().get('/events')).status).toBe(401)
})

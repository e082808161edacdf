import { createSessions, type Sessions } from '@adjourn/core'
import { createAccounts } from '@adjourn/example-accounts'
import { createApp } from '@adjourn/example-express-passport'
import { mongoStore } from '@adjourn/mongodb'
import { MongoClient } from 'mongodb'
import { afterAll, afterEach, beforeAll, expect, inject, test, vi } from 'vitest'
import { listen, type Listening } from '../conformance/bindings/listen.ts'
import { name } from '../support/records.ts'
import { afterNextCheck } from './login-under-way.ts'
import { PASSWORD, signInTests, USER } from './sign-in.ts'
import { askAt, Visitor, type Ask } from './visitor.ts'

const client = new MongoClient(inject('mongodbUri'))
const db = client.db(name('express-passport'))
const records = (userId: string): Promise<number> =>
  db.collection('sessions').countDocuments({ userId })
const accounts = createAccounts()
let sessions: Sessions
let app: Listening
const ask: Ask = (path, sent) => askAt(app.at)(path, sent)
const visitor = (): Visitor => new Visitor(ask)

beforeAll(async () => {
  await accounts.setPassword(USER, PASSWORD)
  sessions = createSessions({
    store: mongoStore(db),
    secrets: 'the-secret-of-the-examples-tests-0',
  })
  app = await listen(createApp(sessions, accounts))
})
afterEach(() => db.collection('sessions').deleteMany({}))
afterAll(async () => {
  await app.close()
  await sessions.close()
  await db.dropDatabase()
  await client.close()
})

signInTests(() => ({ ask, records }))

test('req.user is who the session says, and nobody after the logout', async () => {
  const laptop = await visitor().login(USER, PASSWORD)
  const thief = laptop.copy()
  expect((await laptop.get('/whoami')).body).toBe('{"user":"ada"}')
  await laptop.post('/logout')
  expect((await thief.get('/whoami')).body).toBe('{"user":null}')
})

test('a login whose password was checked before it was changed does not come in', async () => {
  const laptop = await visitor().login(USER, PASSWORD)
  afterNextCheck(accounts, () => laptop.delete('/account/devices'))
  const late = await visitor().post('/login', { user: USER, password: PASSWORD })
  expect(late).toMatchObject({ status: 401, body: '{"error":"ERR_SESSION_REVOKED"}' })
  expect(await records(USER)).toBe(1)
})

test('takes no credentials from the URL', async () => {
  const login = await visitor().post(`/login?user=${USER}&password=${PASSWORD}`)
  expect(login).toMatchObject({ status: 400, setCookies: [] })
})

test('a check that fails is a 500, and tells nothing', async () => {
  const errors = vi.spyOn(console, 'error').mockReturnValue()
  vi.spyOn(accounts, 'check').mockRejectedValueOnce(new Error('no users today'))
  const login = await visitor().post('/login', { user: USER, password: PASSWORD })
  expect(login).toMatchObject({ status: 500, body: '{"error":"INTERNAL_ERROR"}', setCookies: [] })
  expect(errors).toHaveBeenCalledOnce()
})

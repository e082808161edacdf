/** Somebody else has written to the database itself: what a real store makes of it. */
import { mongoStore } from '@adjourn/mongodb'
import { sqliteStore } from '@adjourn/sqlite'
import type { SessionStore } from '@adjourn/core'
import * as fc from 'fast-check'
import { Long, MongoClient } from 'mongodb'
import { mkdtempSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { onEachStore } from '../conformance/bindings/stores.ts'
import { RUNS, TIMEOUT } from './counts.ts'
import { FIELDS, junk, MISSING } from './tampering.ts'
import { createWorld, type World } from './world.ts'

type Tamper = (id: string, field: string, value: unknown) => Promise<void>

interface Victim extends World {
  readonly user: string
  readonly cookie: string
  readonly id: string
}

let users = 0

async function signIn(store: SessionStore): Promise<Victim & { other: string }> {
  const world = createWorld({}, store)
  const user = `ann-${users++}`
  const { cookie, id } = await world.login(user)
  return { ...world, user, cookie, id, other: (await world.login(user)).cookie }
}

/** Whatever was altered: nobody else is signed in, the rest of the user's sessions go on, and it ends. */
async function hold({ load, cookie, sessions, user, other, id }: Victim & { other: string }) {
  const { session } = await load(cookie)
  if (session.active) expect(session.userId).toBe(user)
  expect((await load(other)).session.userId).toBe(user)
  expect((await sessions.list(user)).length).toBeGreaterThan(0)
  await sessions.find(id)
  await session.end()
  expect((await load(cookie)).session.active).toBe(false)
  await sessions.revokeAll(user)
  expect((await load(other)).session.active).toBe(false)
}

describe('a tampered document of MongoDB', { timeout: TIMEOUT }, () => {
  const client = new MongoClient(inject('mongodbUri'))
  const db = client.db('abuse-stores')
  const documents = db.collection<{ _id: string }>('sessions')
  const store = mongoStore(db)
  beforeAll(() => db.dropDatabase())
  afterAll(async () => {
    await db.dropDatabase()
    await store.close()
    await client.close()
  })

  const tamper: Tamper = async (id, field, value) => {
    const change =
      value === MISSING ? { $unset: field } : { $set: { [field]: { $literal: value } } }
    await documents.updateOne({ _id: id }, [change])
  }

  it('is no session, or the same one as before, and can be ended', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...FIELDS), storable, async (field, value) => {
        const victim = await signIn(store)
        await tamper(victim.id, field, value)
        await hold(victim)
      }),
      { numRuns: Math.ceil(RUNS / 10) },
    )
  })

  it.each<[string, unknown]>([
    ['version', Long.MAX_VALUE],
    ['expiresAt', Long.MAX_VALUE],
    ['groups', { 0: { group: 'everyone', epoch: null } }],
    ['userId', { $ne: null }],
    ['data', { __proto__: null, admin: true }],
  ])('%s of a type that only a database has: no session', async (field, value) => {
    const victim = await signIn(store)
    await tamper(victim.id, field, value)
    expect((await victim.load(victim.cookie)).session.active).toBe(false)
    await hold(victim)
  })

  it.each<[string, object]>([
    ['without the sessions that it keeps', { $unset: { keep: '' } }],
    ['without its number', { $unset: { epoch: '' } }],
    ['with a text for its number', { $set: { epoch: '0' } }],
    ['with something else for the sessions that it keeps', { $set: { keep: 7 } }],
    ['of another group', { $set: { group: 'user:nobody' } }],
  ])('an epoch %s brings nobody back', async (_what, change) => {
    const { load, cookie, sessions, user, id } = await signIn(store)
    const copy = await documents.findOne({ _id: id })
    await sessions.revokeAll(user)
    if (copy !== null) await documents.insertOne(copy)
    await documents.updateOne({ _id: `epoch:user:${user}` }, change)
    const loaded = load(cookie).then(({ session }) => session.active)
    expect(await loaded.catch((error: { code?: string }) => error.code)).toBeOneOf([
      false,
      'ERR_STORE_UNAVAILABLE',
    ])
  })
})

/** What BSON takes: it has no keys with a NUL, and nothing of JavaScript's own. */
const storable = junk.filter((value) => value !== undefined && isStorable(value))

function isStorable(value: unknown, depth = 0): boolean {
  if (depth > 50 || typeof value === 'symbol') return value === MISSING && depth === 0
  if (typeof value !== 'object' || value === null || value instanceof Date) return true
  return Object.entries(value).every(
    ([key, inner]) => !/[\0$.]/.test(key) && key !== '' && isStorable(inner, depth + 1),
  )
}

describe('a tampered row of SQLite', { timeout: TIMEOUT }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'adjourn-abuse-'))
  const path = join(folder, 'sessions.db')
  const store = sqliteStore(path)
  // Without foreign keys: whoever tampers does not care.
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: false })
  afterAll(async () => {
    database.close()
    await store.close()
    rmSync(folder, { recursive: true })
  })

  const COLUMNS = {
    text: ['secret_hash', 'user_id', 'device', 'data'],
    number: ['version', 'created_at', 'authenticated_at', 'last_seen_at', 'expires_at', 'ends_at'],
  }
  const texts = fc.oneof(
    fc.constantFrom('', '"', '\\', '\\u', '{', 'null', '[]', '7', '\0', '{"ip":7}', 'evil'),
    fc.string({ unit: 'binary' }),
  )
  const numbers = fc.oneof(
    fc.constantFrom(0n, -1n, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n), 8_640_000_000_000_001n),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  )
  const alterations = fc.oneof(
    fc.tuple(fc.constantFrom(...COLUMNS.text), texts),
    fc.tuple(fc.constantFrom(...COLUMNS.number), numbers),
  )

  it('is no session, or the same one as before, and can be ended', async () => {
    await fc.assert(
      fc.asyncProperty(alterations, async ([column, value]) => {
        const victim = await signIn(store)
        database
          .prepare(`UPDATE adjourn_sessions SET ${column} = ? WHERE id = ?`)
          .run(value, victim.id)
        await hold(victim)
      }),
      { numRuns: Math.ceil(RUNS / 3) },
    )
  })

  it.each<[string, string | bigint, boolean]>([
    ['group_name', '"', false],
    ['group_name', 'user:eve', false],
    ['epoch', 2n ** 63n - 1n, true],
  ])('a membership with %s %s: a session is %s', async (column, value, isActive) => {
    const victim = await signIn(store)
    const where = 'session_id = ? AND position = 1'
    database
      .prepare(`UPDATE adjourn_memberships SET ${column} = ? WHERE ${where}`)
      .run(value, victim.id)
    expect((await victim.load(victim.cookie)).session.active).toBe(isActive)
    await hold(victim)
  })

  it('an id that is none of ours does not keep others from signing in or being revoked', async () => {
    const { user, sessions, login, id } = await signIn(store)
    database.prepare(`UPDATE adjourn_sessions SET id = ?, expires_at = 1 WHERE id = ?`).run('"', id)
    await login(user)
    expect(await sessions.revokeAll(user)).toBe(2)
  })

  it.each(['{', '7', '{}', 'null'])('an epoch that keeps %s brings nobody back', async (keep) => {
    const { load, cookie, sessions, user, id } = await signIn(store)
    const { record } = await store.read(id, [])
    await sessions.revokeAll(user)
    if (record !== undefined) await store.insert(record)
    const change = database.prepare('UPDATE adjourn_epochs SET keep = ? WHERE group_name = ?')
    change.run(keep, `user:${user}`)
    const loaded = load(cookie).then(({ session }) => session.active)
    expect(await loaded.catch((error: { code?: string }) => error.code)).not.toBe(true)
  })
})

describe('data comes back as it was saved', { timeout: TIMEOUT }, () => {
  const keys = fc.oneof(
    fc.constantFrom('__proto__', 'constructor', 'toJSON', 'a.b', '$set', '', '\uD800', '\0', '0'),
    fc.string({ unit: 'binary' }),
  )
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      fc.jsonValue(),
      fc.constantFrom(1e308, -5e-324, 2 ** 53 + 2, '\uD800x\uDFFF', '\0', '__proto__'),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(keys, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }))
  const anyData = fc.dictionary(keys, tree, { maxKeys: 4, noNullPrototype: true })

  onEachStore('abuse-data', (createStore) => {
    it('whatever JSON it is', async () => {
      const store = createStore()
      const world = createWorld({}, store)
      await fc.assert(
        fc.asyncProperty(anyData, anyData, async (first, second) => {
          const { session, setCookie } = await world.load()
          await session.create({ userId: 'ann', data: first })
          const cookie = setCookie()?.split(';')[0]
          const stored = (await world.load(cookie)).session
          expect(JSON.stringify(stored.data)).toBe(JSON.stringify(first))
          await stored.update(() => second)
          const again = (await world.load(cookie)).session
          expect(JSON.parse(JSON.stringify(again.data))).toEqual(JSON.parse(JSON.stringify(second)))
        }),
        { numRuns: Math.ceil(RUNS / 3) },
      )
      await store.close?.()
      expect(Object.keys(Object.prototype)).toEqual([])
    })
  })
})

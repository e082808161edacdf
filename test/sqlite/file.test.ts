import { SessionError } from '@adjourn/core'
import { sqliteStore, type SqliteStoreOptions } from '@adjourn/sqlite'
import { writeFileSync } from 'node:fs'
import { DatabaseSync, StatementSync } from 'node:sqlite'
import { inspect } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { later, member, NOW, record, revocation } from '../support/records.ts'
import { temporaryFile } from './support.ts'

const configError = (message: RegExp): unknown =>
  expect.objectContaining({
    name: 'SessionError',
    code: 'ERR_CONFIG',
    message: expect.stringMatching(message) as unknown,
  })

describe('options of the SQLite store', () => {
  it.each<[string, object, RegExp]>([
    ['an unknown option', { ttl: 60 }, /ttl is not an option/],
    ['no time at all', { timeout: 0 }, /timeout/],
    ['less than no time', { timeout: -1 }, /timeout/],
    ['not a number', { timeout: NaN }, /timeout/],
    ['no bound', { timeout: Infinity }, /timeout/],
    ['more than a timer can wait', { timeout: 2_147_484 }, /timeout/],
    ['a timeout that is a text', { timeout: '5' }, /timeout/],
    ['every mistake', { ttl: 1, timeout: 0 }, /ttl.*timeout/],
  ])('refuse %s', (_what, options, message) => {
    expect(() => sqliteStore(':memory:', options as SqliteStoreOptions)).toThrow(
      configError(message),
    )
  })

  it.each<[string, unknown]>([
    ['no path', undefined],
    ['an empty one, which is a file that is nowhere', ''],
    ['a NUL', 'a\0b'],
    ['what is not a text', new URL('file:///tmp/a.db')],
  ])('refuse %s', (_what, path) => {
    expect(() => sqliteStore(path as string)).toThrow(configError(/path must be/))
  })
})

describe('the file of the SQLite store', () => {
  it('keeps what is in it', async () => {
    using file = temporaryFile()
    const first = sqliteStore(file.path)
    const session = member('g')
    await first.insert(session)
    const epoch = await first.revoke(revocation('g'))
    await first.close()
    const second = sqliteStore(file.path)
    const read = await second.read(session.id, ['g'])
    expect(read.record).toStrictEqual(session)
    expect(read.epochs.get('g')).toStrictEqual(epoch)
    await second.close()
  })

  it('is a write-ahead log that reaches the disk with every commit', () => {
    using file = temporaryFile()
    const exec = vi.spyOn(DatabaseSync.prototype, 'exec')
    const store = sqliteStore(file.path)
    const [db] = exec.mock.contexts as DatabaseSync[]
    const settings = ['journal_mode', 'synchronous', 'foreign_keys', 'user_version']
    const values = settings.map((setting) => db?.prepare(`PRAGMA ${setting}`).get()?.[setting])
    const FULL = 2
    expect(values).toEqual(['wal', FULL, 1, 1])
    void store.close()
  })

  it('is refused and left as it is if its schema is newer', () => {
    using file = temporaryFile()
    const db = new DatabaseSync(file.path)
    db.exec('PRAGMA user_version = 7')
    expect(() => sqliteStore(file.path)).toThrow(configError(/schema version 7.*none above 1/))
    expect(db.prepare('PRAGMA journal_mode').get()).toMatchObject({ journal_mode: 'delete' })
    expect(db.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()).toEqual({ tables: 0 })
    db.close()
  })

  it('may be made by another process while it is opened', async () => {
    using file = temporaryFile()
    // Opens the file just after another has seen that it is empty.
    const { get } = StatementSync.prototype
    let versions = 0
    vi.spyOn(StatementSync.prototype, 'get').mockImplementation(function (this: StatementSync) {
      const row = Reflect.apply(get, this, []) as ReturnType<typeof get>
      if (++versions === 2) void sqliteStore(file.path).close()
      return row
    })
    const store = sqliteStore(file.path)
    expect(versions).toBeGreaterThan(2)
    expect(await store.insert(record())).toBe(true)
    await store.close()
  })

  it('may hold tables of the app', async () => {
    using file = temporaryFile()
    const db = new DatabaseSync(file.path)
    db.exec('CREATE TABLE sessions (id)')
    const store = sqliteStore(file.path)
    expect(await store.insert(record())).toBe(true)
    const names = db.prepare(`SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'`).all()
    expect(names.filter((row) => !String(row['name']).startsWith('adjourn_'))).toEqual([
      { name: 'sessions' },
    ])
    await store.close()
    db.close()
  })

  it.each<[string, (path: string) => string]>([
    ['is in no directory', (path) => `${path}/nowhere.db`],
    ['is no database', (path) => (writeFileSync(path, 'a'.repeat(4096)), path)],
  ])('is an outage if it %s', (_what, prepare) => {
    using file = temporaryFile()
    const path = prepare(file.path)
    let error: unknown
    try {
      sqliteStore(path)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(SessionError)
    expect(error).toMatchObject({
      code: 'ERR_STORE_UNAVAILABLE',
      cause: { code: 'ERR_SQLITE_ERROR' },
    })
  })

  it('is closed once, and each store has its own', async () => {
    const [first, second] = [sqliteStore(':memory:'), sqliteStore(':memory:')]
    const session = record()
    await first.insert(session)
    expect((await second.read(session.id, [])).record).toBeUndefined()
    await first.close()
    await first.close()
    await expect(first.read(session.id, [])).rejects.toMatchObject({
      code: 'ERR_STORE_UNAVAILABLE',
    })
    expect(await second.insert(session)).toBe(true)
    await second.close()
  })

  it('shows nothing of what is in it', async () => {
    const store = sqliteStore(':memory:')
    await store.insert(record({ id: 'the-id', secretHash: 'the-hash', data: '{"a":"the-data"}' }))
    const shown = inspect(store, { depth: 10, showHidden: true, getters: true })
    expect(shown).not.toMatch(/the-|DatabaseSync|adjourn_/)
    expect(JSON.stringify(store)).toBe('{}')
    await store.close()
  })

  it('holds no NUL, where Node 22 would stop reading, and tells all texts apart', async () => {
    using file = temporaryFile()
    const store = sqliteStore(file.path)
    const texts = ['ann', 'ann\0', 'ann\0\0', '\0', '\ud800', '\ud801', '\ufffd', '"\\u0000"']
    const records = texts.map((text) =>
      record({ id: text, userId: text, groups: [{ group: text, epoch: 1 }], device: { ip: text } }),
    )
    for (const session of records) {
      expect(await store.insert(session)).toBe(true)
      await store.revoke(revocation(session.id))
    }
    for (const session of records) {
      const read = await store.read(session.id, [session.id])
      expect(read.record).toStrictEqual(session)
      expect([...read.epochs.keys()]).toEqual([session.id])
      expect(await store.list(session.id, NOW)).toHaveLength(1)
    }
    const db = new DatabaseSync(file.path)
    for (const table of ['adjourn_sessions', 'adjourn_memberships', 'adjourn_epochs']) {
      for (const row of db.prepare(`SELECT * FROM ${table}`).all()) {
        expect(Object.values(row).join()).not.toContain('\0')
      }
    }
    db.close()
    await store.close()
  })

  it('changes as a whole or not at all', async () => {
    using file = temporaryFile()
    const store = sqliteStore(file.path)
    const there = member('g')
    await store.insert(there)
    const db = new DatabaseSync(file.path)
    // The last thing that an insert or an update writes.
    db.exec(`CREATE TRIGGER adjourn_fault BEFORE INSERT ON adjourn_memberships
      WHEN new.group_name = 'full' BEGIN SELECT raise(ABORT, 'disk full'); END`)
    const groups = ['g', 'full'].map((group) => ({ group, epoch: null }))
    const added = record({ groups })
    const failed = { code: 'ERR_STORE_UNAVAILABLE', cause: { message: 'disk full' } }
    await expect(store.insert(added)).rejects.toMatchObject(failed)
    const expected = { version: 1, now: NOW }
    const update = store.update(there.id, expected, { groups, data: '{}' })
    await expect(update).rejects.toMatchObject(failed)
    expect((await store.read(added.id, [])).record).toBeUndefined()
    expect((await store.read(there.id, [])).record).toStrictEqual(there)
    expect(await store.list('g', NOW)).toHaveLength(1)
    expect(await store.update(there.id, expected, { data: '{}' }), 'and goes on').toBe(true)
    await store.close()
    db.close()
  })
})

describe('what has expired', () => {
  const rows = (db: DatabaseSync): unknown =>
    db
      .prepare(
        `SELECT (SELECT count(*) FROM adjourn_sessions) AS sessions,
          (SELECT count(*) FROM adjourn_memberships) AS memberships,
          (SELECT count(*) FROM adjourn_epochs) AS epochs`,
      )
      .get()

  it('goes a few at a time, with what is inserted', async () => {
    using file = temporaryFile()
    const store = sqliteStore(file.path)
    const db = new DatabaseSync(file.path)
    for (let n = 0; n < 25; n++) {
      await store.insert(member('g'))
      await store.revoke(revocation(`g${n}`))
    }
    const living = member('g')
    await store.insert({ ...living, expiresAt: later(3601) })
    expect(rows(db)).toEqual({ sessions: 26, memberships: 26, epochs: 25 })

    // To the millisecond: those that expire at that instant are over, one that does later is not.
    const at = (seconds: number) =>
      record({ lastSeenAt: later(seconds), expiresAt: later(500 * 86_400) })
    await store.insert(at(3599.999))
    expect(rows(db)).toEqual({ sessions: 27, memberships: 27, epochs: 25 })
    const left: unknown[] = []
    for (let n = 0; n < 4; n++) {
      await store.insert(at(3600))
      left.push(rows(db))
    }
    expect(left).toEqual([
      { sessions: 18, memberships: 18, epochs: 25 },
      { sessions: 9, memberships: 9, epochs: 25 },
      { sessions: 5, memberships: 5, epochs: 25 },
      { sessions: 6, memberships: 6, epochs: 25 },
    ])
    expect((await store.read(living.id, [])).record).toMatchObject({ id: living.id })

    await store.insert(at(400 * 86_400 - 0.001))
    expect(rows(db)).toMatchObject({ epochs: 25 })
    await store.insert(at(400 * 86_400))
    expect(rows(db)).toMatchObject({ epochs: 15 })
    await store.revoke(revocation('new', later(400 * 86_400)))
    expect(rows(db)).toMatchObject({ epochs: 6 })
    await store.close()
    db.close()
  })

  it('stays while an insert is refused, and is no room for its id', async () => {
    using file = temporaryFile()
    const store = sqliteStore(file.path)
    const expired = record()
    await store.insert(expired)
    const again = { ...expired, lastSeenAt: later(7200), expiresAt: later(9000) }
    expect(await store.insert(again)).toBe(false)
    expect((await store.read(expired.id, [])).record).toStrictEqual(expired)
    await store.close()
  })
})

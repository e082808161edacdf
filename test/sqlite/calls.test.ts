import { sqliteStore } from '@adjourn/sqlite'
import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, vi } from 'vitest'
import { OPERATIONS, outageOf } from '../support/operations.ts'
import { member, NOW, record, revocation } from '../support/records.ts'
import { temporaryFile } from './support.ts'

describe('a call of the SQLite store', () => {
  it('says which one it was when it fails', async () => {
    using file = temporaryFile()
    const store = sqliteStore(file.path)
    const db = new DatabaseSync(file.path)
    for (const table of ['memberships', 'sessions', 'epochs'])
      db.exec(`DROP TABLE adjourn_${table}`)
    db.close()
    for (const [name, run] of Object.entries(OPERATIONS)) {
      expect((await outageOf(() => run(store))).message).toContain(name)
    }
    await store.close()
  })

  it('may take as long as a timer can', async () => {
    const store = sqliteStore(':memory:', { timeout: 2_147_483 })
    expect(await store.insert(record())).toBe(true)
    await store.close()
  })

  it('that closes it leaves one file, which holds everything', async () => {
    using file = temporaryFile()
    const store = sqliteStore(file.path)
    await store.insert(record())
    expect(existsSync(`${file.path}-wal`)).toBe(true)
    await store.close()
    expect(existsSync(`${file.path}-wal`)).toBe(false)
  })

  it.each([
    [1, 0],
    [1000, 2],
  ])('that deletes %i sessions lets others in %i times', async (sessions, times) => {
    const store = sqliteStore(':memory:')
    for (let at = 0; at < sessions; at++) await store.insert(member('g'))
    const epoch = await store.revoke(revocation('g'))
    const timer = vi.spyOn(globalThis, 'setTimeout')
    expect(await store.purge(epoch)).toBe(sessions)
    expect(timer).toHaveBeenCalledTimes(times)
    await store.close()
  })

  it('reads past a number that is none of ours', async () => {
    using file = temporaryFile()
    const store = sqliteStore(file.path)
    const [first, second] = [member('g'), member('g')]
    await store.insert(first)
    await store.insert(second)
    const db = new DatabaseSync(file.path)
    const huge = 9_223_372_036_854_775_807n
    db.prepare('UPDATE adjourn_sessions SET version = ? WHERE id = ?').run(huge, first.id)
    db.prepare('UPDATE adjourn_memberships SET epoch = ? WHERE session_id = ?').run(huge, first.id)
    db.close()
    expect((await store.read(first.id, [])).record?.version).toBe(Number(huge))
    expect((await store.list('g', NOW)).map(({ id }) => id)).toContain(second.id)
    await store.close()
  })
})

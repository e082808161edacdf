import type { SessionRecord, SessionStore } from '@adjourn/core'
import { sqliteStore } from '@adjourn/sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { DatabaseSync, StatementSync } from 'node:sqlite'
import { describe, expect, it, vi } from 'vitest'
import { later, member, NOW, record, revocation } from '../support/records.ts'
import { startChild, temporaryFile } from './support.ts'

const TIMEOUT = 0.5
/** What a busy machine may add. */
const SLACK = 1.5

/** Holds the write lock until `release`. */
function lock(path: string): { release(): void } {
  const db = new DatabaseSync(path)
  db.exec('BEGIN IMMEDIATE')
  return { release: () => db.close() }
}

/** Every operation that has something to write. */
const writes = (store: SessionStore, there: SessionRecord): Promise<unknown>[] => [
  store.insert(record()),
  store.update(there.id, { version: 1, now: NOW }, { data: '{}' }),
  store.touch([{ id: there.id, lastSeenAt: later(1), expiresAt: later(7200) }], NOW),
  store.delete(there.id),
  store.revoke(revocation('g')),
  store.purge({ group: 'everyone', epoch: 1, keep: [], expiresAt: later(60) }),
]

const OUTAGE = {
  name: 'SessionError',
  code: 'ERR_STORE_UNAVAILABLE',
  cause: { code: 'ERR_SQLITE_ERROR', errcode: 5, message: 'database is locked' },
}

describe('a lock that another process holds', () => {
  it('fails every write at the bound, and none has happened', async () => {
    using file = temporaryFile()
    const store = sqliteStore(file.path, { timeout: TIMEOUT })
    const there = record()
    await store.insert(there)
    await using holder = startChild('hold', file.path)
    await holder.said(1)
    const started = performance.now()
    // Several of each: their waits must not add up.
    const calls = [1, 2, 3].flatMap(() => writes(store, there))
    const outcomes = await Promise.allSettled(calls)
    const seconds = (performance.now() - started) / 1000
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: OUTAGE })
    }
    expect(seconds).toBeGreaterThanOrEqual(TIMEOUT)
    expect(seconds).toBeLessThan(TIMEOUT + SLACK)

    await holder.kill()
    expect((await store.read(there.id, ['g'])).record).toStrictEqual(there)
    expect((await store.read(undefined, ['g'])).epochs.size).toBe(0)
    expect(await store.list('everyone', NOW)).toHaveLength(1)
    expect(await store.delete(there.id), 'and it works again').toBe(true)
    await store.close()
  })

  it('keeps nobody waiting who only reads', async () => {
    using file = temporaryFile()
    const store = sqliteStore(file.path, { timeout: 30 })
    const there = member('g')
    await store.insert(there)
    const held = lock(file.path)
    const waiting = store.delete(there.id)
    await sleep(20)
    expect((await store.read(there.id, ['g'])).record).toStrictEqual(there)
    expect(await store.list('g', NOW)).toHaveLength(1)
    held.release()
    expect(await waiting).toBe(true)
    await store.close()
  })

  it('does not stop the event loop, nor keep it busy, however many wait', async () => {
    using file = temporaryFile()
    const store = sqliteStore(file.path, { timeout: TIMEOUT })
    const held = lock(file.path)
    let turns = 0
    const timer = setInterval(() => turns++, 5)
    const run = vi.spyOn(StatementSync.prototype, 'run')
    const calls = Array.from({ length: 50 }, () => store.insert(record()))
    const outcomes = await Promise.allSettled(calls)
    clearInterval(timer)
    held.release()
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
    expect(turns).toBeGreaterThan(TIMEOUT * 50)
    // One try every 2 ms, not one for each of them.
    expect(run.mock.calls.length).toBeLessThan(TIMEOUT * 1000)
    await store.close()
  })

  it('lets those who wait for it go on in the order of their arrival', async () => {
    using file = temporaryFile()
    const store = sqliteStore(file.path)
    const held = lock(file.path)
    const revoked = Promise.all(Array.from({ length: 20 }, () => store.revoke(revocation('g'))))
    await sleep(20)
    held.release()
    const epochs = (await revoked).map(({ epoch }) => epoch)
    expect(epochs).toEqual(Array.from({ length: 20 }, (_, index) => NOW.getTime() + index))
    await store.close()
  })

  it('gives the caller time to change what was handed in, to no effect', async () => {
    using file = temporaryFile()
    const store = sqliteStore(file.path)
    const [there, touched, group] = [record(), record(), 'g']
    await store.insert(there)
    await store.insert(touched)
    const expected = record({ groups: [{ group, epoch: 1 }], device: { label: 'Phone' } })
    const added = structuredClone(expected)
    const changes = { data: '{"count":1}', expiresAt: later(7200), groups: [{ group, epoch: 2 }] }
    const now = new Date(NOW)
    const asked = structuredClone(revocation(group))
    const seen = { id: touched.id, lastSeenAt: later(1), expiresAt: later(7200) }
    const keep = [added.id]

    const held = lock(file.path)
    const written = Promise.all([
      store.insert(added),
      store.update(there.id, { version: 1, now }, changes),
      store.touch([seen], now),
      store.revoke(asked),
      store.purge({ group, epoch: 2, keep, expiresAt: NOW }),
    ])
    for (const value of [added, changes, asked, seen]) vandalize(value)
    now.setTime(8e15)
    keep.pop()
    await sleep(10)
    held.release()
    expect(await written).toEqual([
      true,
      true,
      undefined,
      { group, epoch: NOW.getTime(), keep: [], expiresAt: later(400 * 86_400) },
      0,
    ])
    expect((await store.read(expected.id, [])).record).toStrictEqual(expected)
    expect((await store.read(there.id, [])).record).toStrictEqual({
      ...there,
      data: '{"count":1}',
      groups: [{ group, epoch: 2 }],
      expiresAt: later(7200),
      version: 2,
    })
    const moved = { lastSeenAt: later(1), expiresAt: later(7200) }
    expect((await store.read(touched.id, [])).record).toStrictEqual({ ...touched, ...moved })
    await store.close()
  })

  it('is no longer waited for once the store is closed', async () => {
    using file = temporaryFile()
    const store = sqliteStore(file.path, { timeout: 30 })
    const held = lock(file.path)
    const started = performance.now()
    const waiting = store.insert(record())
    await store.close()
    await expect(waiting).rejects.toMatchObject({
      code: 'ERR_STORE_UNAVAILABLE',
      message: expect.stringContaining('closed') as unknown,
    })
    expect(performance.now() - started).toBeLessThan(5000)
    held.release()
  })

  it('is waited for when the file is made, no longer than the bound', () => {
    using file = temporaryFile()
    const held = lock(file.path)
    const started = performance.now()
    expect(() => sqliteStore(file.path, { timeout: TIMEOUT })).toThrow(
      expect.objectContaining({ code: 'ERR_STORE_UNAVAILABLE' }),
    )
    const seconds = (performance.now() - started) / 1000
    expect(seconds).toBeGreaterThanOrEqual(TIMEOUT)
    expect(seconds).toBeLessThan(TIMEOUT + SLACK)
    held.release()
  })

  it('is not in the way of opening a file that is there', async () => {
    using file = temporaryFile()
    const first = sqliteStore(file.path)
    const there = record()
    await first.insert(there)
    const held = lock(file.path)
    const second = sqliteStore(file.path, { timeout: TIMEOUT })
    expect((await second.read(there.id, [])).record).toStrictEqual(there)
    held.release()
    await first.close()
    await second.close()
  })
})

/** Dates, texts and members of what was handed in. */
function vandalize(value: object): void {
  for (const [key, inner] of Object.entries(value) as [string, unknown][]) {
    if (inner instanceof Date) inner.setTime(0)
    else if (typeof inner === 'object' && inner !== null) vandalize(inner)
    else Reflect.set(value, key, key === 'epoch' ? 9 : 'vandalized')
  }
}

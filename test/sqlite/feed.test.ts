import { sqliteStore, type SqliteStore } from '@adjourn/sqlite'
import { StatementSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { later, member, NOW, record, revocation } from '../support/records.ts'
import { startChild, temporaryFile } from './support.ts'

const POLL = 250

// The clock stays the real one.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
afterEach(() => void vi.useRealTimers())

interface Heard {
  /** What was heard since it was asked last. */
  next(): string[]
  readonly asOf: () => number
  close(): Promise<void>
}

async function watch(store: SqliteStore): Promise<Heard> {
  const heard: string[] = []
  let last = NaN
  const watching = store.watch({
    deleted: (id) => heard.push(`deleted ${id}`),
    written: (id) => heard.push(`written ${id}`),
    revoked: (group) => heard.push(`revoked ${group}`),
    current(asOf) {
      last = asOf
      heard.push('current')
    },
    lost: () => heard.push('lost'),
  })
  expect(heard, 'not before watch has returned').toEqual([])
  await Promise.resolve()
  return { next: () => heard.splice(0), asOf: () => last, close: () => watching.close() }
}

/** Has `then` happen whenever the store has asked SQLite for changes, in place of the answer. */
function onPoll(then: (answer: () => unknown) => unknown): void {
  const { get } = StatementSync.prototype
  vi.spyOn(StatementSync.prototype, 'get').mockImplementation(function (
    this: StatementSync,
    ...args
  ) {
    const answer = (): unknown => Reflect.apply(get, this, args)
    const polls = this.sourceSQL.includes('data_version')
    return (polls ? then(answer) : answer()) as ReturnType<typeof get>
  })
}

describe('the feed of the SQLite store', () => {
  it.each([':memory:', 'a file'])(
    'tells of its own writes before they resolve: %s',
    async (path) => {
      using file = temporaryFile()
      const store = sqliteStore(path === ':memory:' ? path : file.path)
      const { next } = await watch(store)
      next()
      const [a, b] = [record({ id: 'a' }), member('g')]
      const told = async (call: Promise<unknown>): Promise<string[]> => {
        await call
        return next()
      }
      const update = (version: number): Promise<boolean> =>
        store.update('a', { version, now: NOW }, { data: '{}' })
      const required = { id: 'a', epoch: null, required: true }
      expect(await told(store.insert(a))).toEqual(['written a'])
      expect(await told(store.insert(a))).toEqual([])
      expect(await told(update(1))).toEqual(['written a'])
      expect(await told(update(1))).toEqual([])
      expect(
        await told(store.touch([{ id: 'a', lastSeenAt: later(1), expiresAt: later(3600) }], NOW)),
      ).toEqual([])
      expect(await told(store.delete('a', { lastSeenAt: NOW }))).toEqual([])
      expect(await told(store.delete('a'))).toEqual(['deleted a'])
      expect(await told(store.delete('a'))).toEqual([])
      await store.insert(b)
      next()
      expect(await told(store.revoke(revocation('g')))).toEqual(['revoked g'])
      expect(await told(store.revoke({ ...revocation('g'), except: required }))).toEqual([])
      const { epochs } = await store.read(undefined, ['g'])
      const epoch = epochs.get('g') ?? expect.fail()
      expect(await told(store.purge(epoch))).toEqual([`deleted ${b.id}`])
      await store.close()
    },
  )

  it('tells of all that a purge deletes, and of what is swept as it expires', async () => {
    using file = temporaryFile()
    const store = sqliteStore(file.path)
    const ids: string[] = []
    for (let n = 0; n < 510; n++) {
      const { id } = record({ id: `odd\0 ${n}` })
      await store.insert({ ...member('g'), id })
      ids.push(id)
    }
    const { next } = await watch(store)
    next()
    vi.useRealTimers()
    expect(await store.purge(await store.revoke(revocation('g')))).toBe(510)
    const told = next().filter((word) => word.startsWith('deleted'))
    expect(new Set(told)).toEqual(new Set(ids.map((id) => `deleted ${id}`)))
    expect(told).toHaveLength(510)
    const [expired, added] = [record(), record({ lastSeenAt: later(9000) })]
    await store.insert(expired)
    next()
    await store.insert(added)
    expect(next()).toEqual([`deleted ${expired.id}`, `written ${added.id}`])
    await store.close()
  })

  it('says now and then that it is current, and nothing of its own writes', async () => {
    using file = temporaryFile()
    const store = sqliteStore(file.path)
    const before = performance.now()
    const { next, asOf } = await watch(store)
    expect(next()).toEqual(['current'])
    for (let turn = 0; turn < 4; turn++) {
      await store.insert(record())
      next()
      const now = performance.now()
      vi.advanceTimersByTime(POLL)
      expect(next()).toEqual(['current'])
      expect(asOf()).toBeGreaterThanOrEqual(now)
      expect(asOf()).toBeLessThanOrEqual(performance.now())
    }
    expect(asOf()).toBeGreaterThan(before)
    await store.close()
  })

  it('says that it was lost where another process has written', async () => {
    using file = temporaryFile()
    const store = sqliteStore(file.path)
    const session = record()
    await store.insert(session)
    const [first, second] = [await watch(store), await watch(store)]
    first.next()
    second.next()
    for (const done of ['true', 'false']) {
      const child = startChild('end', file.path, session.id)
      expect(await child.exited).toBe(0)
      expect(child.lines).toEqual([done])
      vi.advanceTimersByTime(POLL)
      // One that changed nothing may look like one that did.
      const heard = first.next()
      if (done === 'true') expect(heard).toEqual(['lost', 'current'])
      expect(second.next()).toEqual(heard)
      vi.advanceTimersByTime(POLL)
      expect([first.next(), second.next()]).toEqual([['current'], ['current']])
    }
    await store.close()
  })

  it('notices every write of others, whatever it writes itself in between', async () => {
    using file = temporaryFile()
    const [store, other] = [sqliteStore(file.path), sqliteStore(file.path)]
    const { next } = await watch(store)
    for (let turn = 0; turn < 20; turn++) {
      await other.insert(record())
      if (turn % 2 === 0) await store.insert(record())
      if (turn % 3 === 0) await store.read('a', ['g'])
      next()
      vi.advanceTimersByTime(POLL)
      expect(next()).toEqual(['lost', 'current'])
      await store.insert(record())
      next()
      vi.advanceTimersByTime(POLL)
      expect(next()).toEqual(['current'])
    }
    await Promise.all([store.close(), other.close()])
  })

  it('is no more current than when it began to look', async () => {
    using file = temporaryFile()
    const [store, other] = [sqliteStore(file.path), sqliteStore(file.path)]
    const { next, asOf } = await watch(store)
    next()
    let written = NaN
    onPoll((answer) => {
      const row = answer()
      void other.insert(record())
      written = performance.now()
      return row
    })
    vi.advanceTimersByTime(POLL)
    expect(next()).toEqual(['current'])
    expect(asOf()).toBeLessThan(written)
    vi.advanceTimersByTime(POLL)
    expect(next()).toEqual(['lost', 'current'])
    await Promise.all([store.close(), other.close()])
  })

  it('is lost while SQLite does not answer, and asks again', async () => {
    using file = temporaryFile()
    const store = sqliteStore(file.path)
    const { next } = await watch(store)
    next()
    let broken = true
    onPoll((answer) => {
      if (broken) throw new Error('disk I/O error')
      return answer()
    })
    vi.advanceTimersByTime(2 * POLL)
    expect(next()).toEqual(['lost', 'lost'])
    const late = await watch(store)
    expect(late.next()).toEqual(['lost'])
    broken = false
    next()
    vi.advanceTimersByTime(POLL)
    expect([next(), late.next()]).toEqual([['current'], ['current']])
    await store.close()
  })

  it('is complete for good in memory, where there is nobody else', async () => {
    const store = sqliteStore(':memory:')
    const { next, asOf } = await watch(store)
    expect([next(), asOf()]).toEqual([['current'], Infinity])
    expect(vi.getTimerCount()).toBe(0)
    await store.close()
    expect(next()).toEqual(['lost'])
  })

  it('asks only while somebody watches', async () => {
    using file = temporaryFile()
    const [store, other] = [sqliteStore(file.path), sqliteStore(file.path)]
    expect(vi.getTimerCount()).toBe(0)
    const [first, second] = [await watch(store), await watch(store)]
    expect(vi.getTimerCount()).toBe(1)
    await first.close()
    first.next()
    vi.advanceTimersByTime(POLL)
    expect([first.next(), second.next()]).toEqual([[], ['current', 'current']])
    await second.close()
    expect(vi.getTimerCount()).toBe(0)
    await other.insert(record())
    const third = await watch(store)
    expect(third.next().at(-1)).toBe('current')
    vi.advanceTimersByTime(POLL)
    expect(third.next()).toEqual(['current'])
    await store.close()
    expect(third.next()).toEqual(['lost'])
    expect(vi.getTimerCount()).toBe(0)
    const late = await watch(store)
    expect([late.next(), vi.getTimerCount()]).toEqual([[], 0])
    await other.close()
  })

  it('keeps no process alive', async () => {
    using file = temporaryFile()
    await using child = startChild('watch', file.path)
    expect(await child.exited).toBe(0)
    expect(child.lines).toEqual(['current'])
  })
})

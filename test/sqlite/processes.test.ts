import { sqliteStore } from '@adjourn/sqlite'
import { StatementSync } from 'node:sqlite'
import { describe, expect, it, vi } from 'vitest'
import { member, NOW, record, revocation } from '../support/records.ts'
import { startChild, temporaryFile } from './support.ts'

const PROCESSES = 4

describe('several processes on one file', { timeout: 120_000 }, () => {
  it('lose no update: of two with one version, one wins', async () => {
    using file = temporaryFile()
    const store = sqliteStore(file.path)
    const session = record()
    await store.insert(session)
    const TIMES = 50
    const children = Array.from({ length: PROCESSES }, () =>
      startChild('increment', file.path, session.id, String(TIMES)),
    )
    expect(await Promise.all(children.map(({ exited }) => exited))).toEqual([0, 0, 0, 0])
    const { record: found } = await store.read(session.id, [])
    expect(found).toMatchObject({
      data: JSON.stringify({ count: PROCESSES * TIMES }),
      version: 1 + PROCESSES * TIMES,
    })
    await store.close()
  })

  it('revoke under different epochs, none skipped', async () => {
    using file = temporaryFile()
    const children = Array.from({ length: PROCESSES }, () =>
      startChild('revoke', file.path, 'g', '25'),
    )
    expect(await Promise.all(children.map(({ exited }) => exited))).toEqual([0, 0, 0, 0])
    const epochs = children.flatMap(({ lines }) => lines.map(Number))
    expect(epochs.toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, index) => NOW.getTime() + index),
    )
  })

  it('make a file together', async () => {
    using file = temporaryFile()
    const FILES = 20
    const children = Array.from({ length: PROCESSES }, () =>
      startChild('make', file.path, String(FILES)),
    )
    expect(await Promise.all(children.map(({ exited }) => exited))).toEqual([0, 0, 0, 0])
    for (let n = 0; n < FILES; n++) {
      const store = sqliteStore(`${file.path}-${n}`)
      expect(await store.list('everyone', NOW)).toHaveLength(PROCESSES)
      await store.close()
    }
  })

  it('see at once what another has acknowledged', async () => {
    using file = temporaryFile()
    const [first, second] = [sqliteStore(file.path), sqliteStore(file.path)]
    const session = member('g')
    for (let round = 0; round < 50; round++) {
      expect(await first.insert(session)).toBe(true)
      expect((await second.read(session.id, [])).record).toStrictEqual(session)
      expect(await second.delete(session.id)).toBe(true)
      const { epoch } = await second.revoke(revocation('g'))
      const { record: gone, epochs } = await first.read(session.id, ['g'])
      expect([gone, epochs.get('g')?.epoch]).toEqual([undefined, epoch])
    }
    await first.close()
    await second.close()
  })

  it('get their turn while one purges: the lock is free between batches', async () => {
    using file = temporaryFile()
    const store = sqliteStore(file.path)
    const BATCH = 500
    for (let n = 0; n < 2 * BATCH; n++) await store.insert(member('g'))
    const batches: { readonly began: number; readonly ended: number; readonly deleted: number }[] =
      []
    const { all } = StatementSync.prototype
    vi.spyOn(StatementSync.prototype, 'all').mockImplementation(function (
      this: StatementSync,
      ...args
    ) {
      const began = performance.now()
      const rows = Reflect.apply(all, this, args)
      const ended = performance.now()
      if (this.sourceSQL.startsWith('DELETE FROM adjourn_sessions')) {
        batches.push({ began, ended, deleted: rows.length })
      }
      return rows
    })
    expect(await store.purge(await store.revoke(revocation('g')))).toBe(2 * BATCH)
    expect(batches.map(({ deleted }) => deleted)).toEqual([BATCH, BATCH, 0])
    for (const [index, { ended }] of batches.slice(0, -1).entries()) {
      const free = (batches[index + 1]?.began ?? 0) - ended
      // Who waits for the lock tries every 2 ms; a timer of 4 ms may be early by one.
      expect(free).toBeGreaterThanOrEqual(3)
    }
    await store.close()
  })
})

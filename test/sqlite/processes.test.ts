import { sqliteStore } from '@adjourn/sqlite'
import { describe, expect, it } from 'vitest'
import { member, name, NOW, record, revocation, startChild, temporaryFile } from './support.ts'

const PROCESSES = 4

describe('several processes on one file', () => {
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

  it('make the file together', async () => {
    for (let round = 0; round < 3; round++) {
      using file = temporaryFile()
      const children = Array.from({ length: PROCESSES }, () =>
        startChild('revoke', file.path, 'g', '1'),
      )
      expect(await Promise.all(children.map(({ exited }) => exited))).toEqual([0, 0, 0, 0])
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

  it('get their turn while one purges', async () => {
    using file = temporaryFile()
    const store = sqliteStore(file.path)
    const group = name('group')
    for (let n = 0; n < 4000; n++) await store.insert(member(group))
    await using child = startChild('insert', file.path)
    await child.said(1)
    const epoch = await store.revoke(revocation(group))
    const before = child.lines.length
    expect(await store.purge(epoch)).toBe(4000)
    const during = child.lines.length - before
    expect(during).toBeGreaterThanOrEqual(4)
    await store.close()
  })
})

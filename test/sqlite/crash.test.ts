import type { SqliteStore } from '@adjourn/sqlite'
import { sqliteStore } from '@adjourn/sqlite'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { later, NOW } from '../support/records.ts'
import { startChild, temporaryFile } from './support.ts'

const ROUNDS = 4

/** The ids that follow a word, such as `ended`. */
const after = (word: string, lines: readonly string[]): string[] =>
  lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.split(' ')[1] ?? '')

async function livingOf(store: SqliteStore, ids: readonly string[]): Promise<string[]> {
  const reads = await Promise.all(ids.map((id) => store.read(id, [])))
  return reads.flatMap(({ record }) => record?.id ?? [])
}

// Each round starts two processes, which takes seconds on a busy machine.
describe('kill -9 in the middle of writes', { timeout: 120_000 }, () => {
  it('loses nothing that was acknowledged', async () => {
    using file = temporaryFile()
    const said: string[] = []
    for (let round = 0; round < ROUNDS; round++) {
      await using child = startChild('stream', file.path, 'g')
      await using other = startChild('stream', file.path, 'g')
      await child.said(60 + 37 * round)
      await child.kill()
      // The other one goes on, on the file that the first has left behind.
      await other.said(other.lines.length + 30)
      await other.kill()
      said.push(...child.lines, ...other.lines)

      const store = sqliteStore(file.path)
      const [asked, ended] = [after('insert', said), after('ended', said)]
      const touched = new Set(after('end', said))
      const untouched = after('inserted', said).filter((id) => !touched.has(id))
      expect(ended.length).toBeGreaterThan(5)
      expect(await livingOf(store, ended), 'no end is undone').toEqual([])
      expect(await livingOf(store, untouched), 'no insert is lost').toEqual(untouched)
      for (const [group, epoch] of said.flatMap(revokedIn)) {
        const { epochs } = await store.read(undefined, [group])
        expect(epochs.get(group)?.epoch, 'no revocation is lost').toBe(epoch)
      }
      // Records and their memberships are there together, or not at all.
      const living = await livingOf(store, asked)
      const listed = (await store.list('g', NOW)).map(({ id }) => id)
      expect(listed.toSorted()).toEqual(living.toSorted())
      await store.close()
      assertSound(file.path)
    }
  })

  it('leaves no lock behind', async () => {
    using file = temporaryFile()
    const store = sqliteStore(file.path, { timeout: 30 })
    await using child = startChild('hold', file.path)
    await child.said(1)
    const epoch = store.revoke({ group: 'g', now: NOW, expiresAt: later(60) })
    await child.kill()
    expect(await epoch).toMatchObject({ group: 'g' })
    await store.close()
  })
})

function revokedIn(line: string): [group: string, epoch: number][] {
  const [word, group = '', epoch] = line.split(' ')
  return word === 'revoked' ? [[group, Number(epoch)]] : []
}

function assertSound(path: string): void {
  const db = new DatabaseSync(path)
  expect(db.prepare('PRAGMA integrity_check').all()).toMatchObject([{ integrity_check: 'ok' }])
  expect(db.prepare('PRAGMA foreign_key_check').all()).toEqual([])
  db.close()
}

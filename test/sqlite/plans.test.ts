import { sqliteStore } from '@adjourn/sqlite'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, vi } from 'vitest'
import { temporaryFile } from './support.ts'

/** How SQLite runs each statement that a store prepares, by its text. */
function plans(): Map<string, string[]> {
  using file = temporaryFile()
  const prepare = vi.spyOn(DatabaseSync.prototype, 'prepare')
  const store = sqliteStore(file.path)
  const texts = prepare.mock.calls.map(([sql]) => sql).filter((sql) => sql.includes('adjourn_'))
  prepare.mockRestore()
  void store.close()
  const db = new DatabaseSync(file.path)
  const found = texts.map((sql): [string, string[]] => {
    const steps = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all()
    return [sql.replaceAll(/\s+/g, ' '), steps.map(({ detail }) => String(detail))]
  })
  db.close()
  return new Map(found)
}

const planOf = (beginning: string): string[] => {
  const matching = [...plans()].filter(([sql]) => sql.startsWith(beginning))
  expect(matching).toHaveLength(1)
  return matching[0]?.[1] ?? []
}

describe('indexes of the SQLite store', () => {
  it('serve every statement: no table is gone through', () => {
    const all = plans()
    expect(all.size).toBeGreaterThan(12)
    for (const [sql, steps] of all) {
      const scans = steps.filter((step) => /^SCAN (?!json_each)/.test(step))
      expect(scans, sql).toEqual([])
      expect(steps.join(), sql).not.toMatch(/TEMP B-TREE|AUTOMATIC/)
    }
  })

  it('read by id and by group', () => {
    const byId = 'SEARCH adjourn_sessions USING INDEX sqlite_autoindex_adjourn_sessions_1 (id=?)'
    expect(
      planOf(
        'SELECT id, user_id, version, created_at, authenticated_at, last_seen_at, expires_at, ends_at, device, secret_hash',
      ),
    ).toEqual([byId])
    expect(planOf('SELECT group_name, epoch FROM adjourn_memberships')).toEqual([
      'SEARCH adjourn_memberships USING PRIMARY KEY (session_id=?)',
    ])
    expect(planOf('SELECT group_name, epoch, keep')).toEqual([
      'SEARCH adjourn_epochs USING PRIMARY KEY (group_name=?)',
    ])
  })

  it('list by group', () => {
    expect(
      planOf(
        'SELECT id, user_id, version, created_at, authenticated_at, last_seen_at, expires_at, ends_at, device FROM',
      ),
    ).toEqual([
      'SEARCH adjourn_sessions USING INDEX sqlite_autoindex_adjourn_sessions_1 (id=?)',
      'LIST SUBQUERY 1',
      'SEARCH adjourn_memberships USING COVERING INDEX adjourn_memberships_group (group_name=?)',
    ])
  })

  it('purge by group and epoch, so that those who have signed in since are not gone through', () => {
    const steps = planOf('DELETE FROM adjourn_sessions WHERE id IN').filter((step) =>
      step.includes('adjourn_memberships'),
    )
    const search = 'SEARCH adjourn_memberships USING COVERING INDEX adjourn_memberships_group'
    expect(steps).toEqual([
      `${search} (group_name=? AND epoch=?)`,
      `${search} (group_name=? AND epoch<?)`,
      // The memberships of each session deleted, which go with it.
      'SEARCH adjourn_memberships USING PRIMARY KEY (session_id=?)',
    ])
  })
})

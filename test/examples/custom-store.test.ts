import { createSessions } from '@adjourn/core'
import { storeConformance } from '@adjourn/core/testing'
import { customStore, openFile, sqliteTexts } from '@adjourn/example-custom-store'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { request } from '../support/request.ts'

const SOURCE = new URL('../../examples/custom-store/src/custom-store.ts', import.meta.url)
const MOST_LINES = 60

const directory = mkdtempSync(join(tmpdir(), 'adjourn-custom-store-'))
let files = 0
const newPath = (): string => join(directory, `${files++}.db`)
afterAll(() => rmSync(directory, { recursive: true }))

storeConformance(
  { describe, it },
  {
    name: 'customStore on a Map',
    create: async () => ({ store: customStore(new Map(), new Map()) }),
  },
)

storeConformance(
  { describe, it },
  {
    name: 'customStore on SQLite',
    create: async () => {
      const file = openFile(':memory:')
      const store = customStore(sqliteTexts(file, 'records'), sqliteTexts(file, 'epochs'))
      const rename = (from: string, to: string): void =>
        ['records', 'epochs'].forEach((table) =>
          file.exec(`ALTER TABLE ${from}${table} RENAME TO ${to}${table}`),
        )
      return {
        store,
        close: async () => file.close(),
        // To the store, its tables are gone.
        fault: {
          begin: async () => rename('', 'no_'),
          end: async () => rename('no_', ''),
        },
      }
    },
  },
)

describe('the custom store', () => {
  it(`has at most ${MOST_LINES} lines, blank ones and comments aside`, () => {
    const lines = readFileSync(SOURCE, 'utf8').split('\n')
    const code = lines.filter((line) => !/^\s*($|\/\/|\/\*|\*)/.test(line))
    expect(code.length).toBeLessThanOrEqual(MOST_LINES)
  })

  it('keeps sessions across a restart, and lets no second process at the file', async () => {
    const path = newPath()
    const secrets = 'the-secret-of-the-custom-store-tests'
    const start = () => {
      const file = openFile(path)
      const store = customStore(sqliteTexts(file, 'records'), sqliteTexts(file, 'epochs'))
      return { file, sessions: createSessions({ secrets, store }) }
    }
    const before = start()
    const login = await request(before.sessions)
    await login.session.create({ userId: 'ann' })
    expect(start).toThrow('database is locked')
    await before.sessions.close()
    before.file.close()

    const after = start()
    const { session } = await request(after.sessions, login.cookie())
    expect(session.userId).toBe('ann')
    expect(await after.sessions.revokeAll('ann')).toBe(1)
    expect((await request(after.sessions, login.cookie())).session.active).toBe(false)
    await after.sessions.close()
    after.file.close()
  })
})

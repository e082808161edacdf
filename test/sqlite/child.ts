/** What the tests have other processes do: `child.ts task path ...arguments`. */
import { sqliteStore } from '@adjourn/sqlite'
import { writeSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { member, name, NOW, record, revocation } from '../support/records.ts'

// At once and whole, so that what a killed process has said is what it knew.
const say = (line: string): void => void writeSync(1, `${line}\n`)

const tasks: Readonly<Record<string, (path: string, ...args: string[]) => Promise<void>>> = {
  /** Adds one to the count of a record so many times, by compare and set. */
  async increment(path, id = '', times = '') {
    const store = sqliteStore(path)
    say('open')
    for (let done = 0; done < Number(times);) {
      const { record: found } = await store.read(id, [])
      if (found === undefined) throw new Error('The record is gone')
      const { count } = JSON.parse(found.data) as { count: number }
      const data = JSON.stringify({ count: count + 1 })
      if (await store.update(id, { version: found.version, now: NOW }, { data })) done++
    }
    await store.close()
  },

  /** Begins, ends and revokes without end, and says what it is about to do and what is done. */
  async stream(path, group = '') {
    const store = sqliteStore(path)
    const living: string[] = []
    for (let turn = 0; ; turn++) {
      const session = member(group)
      say(`insert ${session.id}`)
      if (await store.insert(session)) say(`inserted ${session.id}`)
      living.push(session.id)
      if (turn % 3 === 1) {
        const id = living.shift() ?? ''
        say(`end ${id}`)
        if (await store.delete(id)) say(`ended ${id}`)
      }
      if (turn % 5 === 4) {
        const revoked = await store.revoke(revocation(name('group')))
        say(`revoked ${revoked.group} ${revoked.epoch}`)
      }
    }
  },

  /** Revokes a group so many times and says the epochs. */
  async revoke(path, group = '', times = '') {
    const store = sqliteStore(path)
    for (let turn = 0; turn < Number(times); turn++) {
      say(String((await store.revoke(revocation(group))).epoch))
    }
    await store.close()
  },

  /** Ends one session. */
  async end(path, id = '') {
    const store = sqliteStore(path)
    say(String(await store.delete(id)))
    await store.close()
  },

  /** Watches, has nothing else to do, and leaves it to Node when to exit. */
  async watch(path) {
    const store = sqliteStore(path)
    const silent = (): void => {}
    const current = (): void => say('current')
    store.watch({ deleted: silent, written: silent, revoked: silent, lost: silent, current })
  },

  /** Makes so many files, or opens those that others were quicker to make, and writes to each. */
  async make(path, files = '') {
    for (let file = 0; file < Number(files); file++) {
      const store = sqliteStore(`${path}-${file}`)
      await store.insert(record())
      say(`made ${file}`)
      await store.close()
    }
  },

  /** Holds the write lock until it is killed. */
  async hold(path) {
    const db = new DatabaseSync(path)
    db.exec('PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE')
    say('locked')
    await new Promise((resolve) => setTimeout(resolve, 60_000))
    db.close()
  },
}

const [task = '', path = '', ...args] = process.argv.slice(2)
await tasks[task]?.(path, ...args)

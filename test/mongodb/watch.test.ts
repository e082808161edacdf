import { mongoStore, type MongoStore } from '@adjourn/mongodb'
import type { Watch } from '@adjourn/core'
import type { CommandSucceededEvent, Document } from 'mongodb'
import { execFile } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { later, member, name, NOW, record, revocation } from '../support/records.ts'
import { recorder, type Recorder } from './recorder.ts'
import { watchedClient, type WatchedClient } from './support.ts'

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url))
const WRITES = 300

describe('the feed of the MongoDB store', () => {
  let mongo: WatchedClient
  let store: MongoStore
  let heard: Recorder
  let watch: Watch
  let other: WatchedClient
  /** Of another client, on the same database. */
  let writer: MongoStore

  beforeEach(async () => {
    mongo = await watchedClient(inject('mongodbUri'))
    other = await watchedClient(inject('mongodbUri'))
    store = mongoStore(mongo.db)
    writer = mongoStore(other.client.db(mongo.db.databaseName))
    heard = recorder()
    watch = begin(store, heard)
    await heard.caughtUp()
  })

  afterEach(async () => {
    await watch.close()
    await other[Symbol.asyncDispose]()
    await mongo[Symbol.asyncDispose]()
    expect(heard.missed).toEqual([])
  })

  const changesHeard = (): string[] => heard.heard.filter((words) => words !== 'current')

  it('tells of every change but a touch, in order', async () => {
    const [a, b] = [record(), member('g')]
    await writer.insert(a)
    await writer.touch([{ id: a.id, lastSeenAt: later(1), expiresAt: later(7200) }], NOW)
    await writer.insert(b)
    await writer.update(a.id, { version: 1, now: NOW }, { data: '{}' })
    await writer.update(a.id, { version: 2, now: NOW }, {})
    await writer.delete(a.id)
    await writer.revoke(revocation('g'))
    const epoch = await writer.revoke({ ...revocation('g'), now: later(1) })
    await writer.purge(epoch)
    await heard.caughtUp()
    expect(changesHeard()).toEqual([
      `written ${a.id}`,
      `written ${b.id}`,
      `written ${a.id}`,
      `written ${a.id}`,
      `deleted ${a.id}`,
      'revoked g',
      'revoked g',
      `deleted ${b.id}`,
    ])
  })

  it('tells of what another process has done', async () => {
    const { id } = record()
    await writer.insert(record({ id }))
    const group = name('group')
    const run = async (task: string, argument: string): Promise<void> => {
      const args = ['--conditions=@adjourn/source', CHILD, task, inject('mongodbUri')]
      await promisify(execFile)(process.execPath, [...args, mongo.db.databaseName, argument])
    }
    await run('end', id)
    await run('revoke', group)
    await heard.caughtUp()
    expect(changesHeard()).toEqual([`written ${id}`, `deleted ${id}`, `revoked ${group}`])
  })

  it('tells ids and groups as they are', async () => {
    const texts = ['$group', 'a.b', '.', '', 'epoch:', 'epoch:a', ' ', '\n', '{}', 'é\u{1f600}']
    for (const text of texts) await writer.revoke(revocation(text))
    const ids = texts.filter((text) => !text.startsWith('epoch:'))
    for (const id of ids) await writer.insert(record({ id }))
    for (const id of ids) await writer.delete(id)
    await heard.caughtUp()
    expect(changesHeard()).toEqual([
      ...texts.map((text) => `revoked ${text}`),
      ...ids.map((id) => `written ${id}`),
      ...ids.map((id) => `deleted ${id}`),
    ])
  })

  it('tells nothing of an epoch that is removed', async () => {
    await writer.revoke(revocation('g'))
    await mongo.db.collection<{ _id: string }>('sessions').deleteOne({ _id: 'epoch:g' })
    await heard.caughtUp()
    expect(changesHeard()).toEqual(['revoked g'])
  })

  it('has the server send ids, and nothing for a touch', async () => {
    const sent: Document[] = []
    mongo.client.on('commandSucceeded', ({ commandName, reply }: CommandSucceededEvent) => {
      if (commandName !== 'getMore') return
      sent.push(...(reply as { cursor: { nextBatch: Document[] } }).cursor.nextBatch)
    })
    const session = record({ data: 'private', secretHash: 'private', device: { label: 'private' } })
    const { id } = session
    await writer.insert(session)
    await writer.touch([{ id, lastSeenAt: later(1), expiresAt: later(7200) }], NOW)
    await writer.update(id, { version: 1, now: NOW }, { data: 'private', secretHash: 'private' })
    await writer.revoke({
      ...revocation('g'),
      except: { id: 'private', epoch: 1, required: false },
    })
    await heard.caughtUp()
    const change = (operationType: string, _id: string): Document => ({
      _id: expect.anything() as unknown,
      operationType,
      documentKey: { _id },
    })
    expect(sent).toEqual([change('insert', id), change('update', id), change('insert', 'epoch:g')])
    expect(JSON.stringify(sent)).not.toContain('private')
  })

  it('follows the primary and a majority, whatever the URI says', async () => {
    const parameters = { readPreference: 'secondaryPreferred', readConcernLevel: 'local' }
    await using odd = await watchedClient(inject('mongodbUri'), {}, parameters)
    const ear = recorder()
    const feed = begin(mongoStore(odd.db), ear)
    await ear.caughtUp()
    await feed.close()
    expect(ear.heard).not.toContain('lost')
    const [command] = odd.commands('aggregate')
    expect(command).toMatchObject({ readConcern: { level: 'majority' } })
    const [hello] = odd.commands('hello')
    for (const each of [command, hello]) {
      const preference: unknown = each?.['$readPreference'] ?? { mode: 'primary' }
      expect(preference).toEqual({ mode: 'primary' })
    }
  })

  it(`is never ahead of what it has told: ${WRITES} changes under load`, async () => {
    const load = new AbortController()
    const loading = Promise.all([write('others', load.signal), touch(load.signal)])
    const started = performance.now()
    const before = heard.heard.length
    for (let turn = 0; turn < WRITES; turn++) {
      const session = record()
      const { id } = session
      await heard.change(`written ${id}`, () => writer.insert(session))
      if (turn % 2 === 0) await heard.change(`deleted ${id}`, () => writer.delete(id))
      const group = name('group')
      if (turn % 5 === 0) {
        await heard.change(`revoked ${group}`, () => writer.revoke(revocation(group)))
      }
    }
    const seconds = (performance.now() - started) / 1000
    const currents = heard.heard.slice(before).filter((words) => words === 'current').length
    load.abort()
    await loading
    await heard.caughtUp()
    expect(heard.heard).not.toContain('lost')
    expect(currents, 'and the flow does not keep it back').toBeGreaterThan(seconds * 2)
    expect(heard.oldest).toBeLessThan(2000)
  })

  it('is silent once it is closed, and leaves no cursor', async () => {
    const second = recorder()
    const feed = begin(store, second)
    await second.caughtUp()
    expect(await cursors()).toBe(2)
    const started = performance.now()
    const closing = feed.close()
    const before = second.heard.length
    await writer.insert(record())
    await closing
    expect(performance.now() - started).toBeLessThan(1000)
    expect(await cursors()).toBe(1)
    await feed.close()
    await heard.caughtUp()
    await heard.caughtUp()
    expect(second.heard).toHaveLength(before)
    expect(changesHeard()).toHaveLength(1)
  })

  it('can be closed before it has begun', async () => {
    const second = recorder()
    await begin(store, second).close()
    await heard.caughtUp()
    await heard.caughtUp()
    expect(second.heard).toEqual([])
    expect(await cursors()).toBe(1)
  })

  it('ends with the store', async () => {
    await store.close?.()
    expect(heard.heard.at(-1)).toBe('lost')
    expect(await cursors()).toBe(0)
    const before = heard.heard.length
    const late = recorder()
    const feed = begin(store, late)
    await writer.insert(record())
    await pause(600)
    expect(heard.heard).toHaveLength(before)
    expect(late.heard).toEqual([])
    await feed.close()
  })

  it('is lost with the client, and does not connect it again', async () => {
    let connections = 0
    await mongo.client.close()
    await pause(100)
    mongo.client.on('connectionCreated', () => connections++)
    mongo.forget()
    expect(heard.heard.at(-1)).toBe('lost')
    const before = heard.heard.length
    await pause(1000)
    expect(connections).toBe(0)
    expect(mongo.commands('aggregate')).toEqual([])
    expect(heard.heard.slice(before).length, 'nor does it spin').toBeLessThan(8)
    expect(heard.heard.slice(before)).not.toContain('current')

    await mongo.client.connect()
    await heard.caughtUp()
    const told = heard.next('written a')
    await writer.insert(record({ id: 'a' }))
    await told
  })

  it('keeps no process alive longer than its client does', async () => {
    const args = ['--conditions=@adjourn/source', CHILD, 'watch', inject('mongodbUri')]
    const started = performance.now()
    await promisify(execFile)(process.execPath, [...args, mongo.db.databaseName])
    expect(performance.now() - started).toBeLessThan(10_000)
  })

  /** Inserts into a collection that nobody watches. */
  async function write(collection: string, signal: AbortSignal): Promise<void> {
    const documents = mongo.db.collection(collection)
    while (!signal.aborted) await documents.insertMany(Array.from({ length: 50 }, () => ({ n: 1 })))
  }

  async function touch(signal: AbortSignal): Promise<void> {
    const { id } = record()
    await writer.insert(record({ id }))
    for (let turn = 0; !signal.aborted; turn++) {
      await writer.touch([{ id, lastSeenAt: later(turn), expiresAt: later(3600 + turn) }], NOW)
    }
  }

  /** How many the server has open on this database. */
  async function cursors(): Promise<number> {
    const admin = other.client.db('admin')
    const ns = `${mongo.db.databaseName}.sessions`
    const match = { $match: { 'cursor.tailable': true, ns } }
    const stages = [{ $currentOp: { idleCursors: true, localOps: true } }, match]
    let most = 0
    // Between two getMores a cursor is neither idle nor at work, and one look may miss it.
    for (let look = 0; look < 5; look++) {
      most = Math.max(most, (await admin.aggregate(stages).toArray()).length)
      await pause(20)
    }
    return most
  }
})

/** Of a store that has one. */
function begin(store: MongoStore, heard: Recorder): Watch {
  return store.watch?.(heard) ?? expect.fail('the store has no feed')
}

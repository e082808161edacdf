import { mongoStore, type MongoStoreOptions } from '@adjourn/mongodb'
import type { MongoClientOptions } from 'mongodb'
import { describe, expect, inject, it, vi } from 'vitest'
import { later, member, name, NOW, record, revocation } from '../support/records.ts'
import { watchedClient } from './support.ts'
import type { WatchedClient } from './support.ts'

describe('options of the MongoDB store', () => {
  it.each<[string, object, RegExp]>([
    ['an unknown option', { ttl: 60 }, /ttl is not an option/],
    ['no collection', { collection: '' }, /collection/],
    ['a collection that is no text', { collection: 5 }, /collection/],
    ['no time at all', { timeout: 0 }, /timeout/],
    ['less than no time', { timeout: -1 }, /timeout/],
    ['not a number', { timeout: NaN }, /timeout/],
    ['no bound', { timeout: Infinity }, /timeout/],
    ['more than a timer can wait', { timeout: 2_147_484 }, /timeout/],
    ['a timeout that is a text', { timeout: '5' }, /timeout/],
    ['every mistake', { ttl: 1, collection: '', timeout: 0 }, /ttl.*collection.*timeout/],
  ])('refuses %s', async (_what, options, message) => {
    await using mongo = await watchedClient(inject('mongodbUri'))
    expect(() => mongoStore(mongo.db, options as MongoStoreOptions)).toThrow(
      expect.objectContaining({
        name: 'SessionError',
        code: 'ERR_CONFIG',
        message: expect.stringMatching(message) as unknown,
      }),
    )
  })

  it.each([undefined, null, {}, 'app'])('refuses the database %j', (db) => {
    expect(() => mongoStore(db as never)).toThrow(
      expect.objectContaining({
        code: 'ERR_CONFIG',
        message: expect.stringContaining('takes a database') as unknown,
      }),
    )
  })

  it('answers nothing once it is closed, not even where there is nothing to ask', async () => {
    await using mongo = await watchedClient(inject('mongodbUri'))
    const store = mongoStore(mongo.db)
    const lost = vi.fn<() => void>()
    const silent = (): void => {}
    store.watch?.({ deleted: silent, written: silent, revoked: silent, current: silent, lost })
    await store.close()
    await store.close()
    expect(lost).toHaveBeenCalledOnce()
    const message = expect.stringContaining('closed') as unknown
    const refusal = { code: 'ERR_STORE_UNAVAILABLE', message }
    await expect(store.read(undefined, [])).rejects.toMatchObject(refusal)
    await expect(store.ensureIndexes()).rejects.toMatchObject(refusal)
  })

  it.each<[string, MongoClientOptions]>([
    ['promoteValues: false', { promoteValues: false }],
    ['promoteLongs: false', { promoteLongs: false }],
    ['useBigInt64', { useBigInt64: true }],
    ['ignoreUndefined', { ignoreUndefined: true }],
    ['bsonRegExp', { bsonRegExp: true }],
    ['promoteBuffers', { promoteBuffers: true }],
    ['serializeFunctions', { serializeFunctions: true }],
    ['enableUtf8Validation: false', { enableUtf8Validation: false }],
    ['retryReads and retryWrites: false', { retryReads: false, retryWrites: false }],
  ])('is not harmed by a client with %s', async (_what, options) => {
    await using mongo = await watchedClient(inject('mongodbUri'), options)
    const store = mongoStore(mongo.db)
    const group = name('group')
    const session = record({
      groups: [{ group, epoch: NOW.getTime() }],
      version: 2 ** 33,
      device: { label: 'Phone' },
    })
    expect(await store.insert(session)).toBe(true)
    await makeLong(mongo, 'version')
    const seen = { lastSeenAt: later(1), expiresAt: later(7200) }
    await store.touch([{ id: session.id, ...seen }], NOW)
    const touched = { ...session, ...seen }
    expect((await store.read(session.id, [group])).record).toStrictEqual(touched)
    const { data: _data, secretHash: _secretHash, ...summary } = touched
    expect(await store.list(group, NOW)).toStrictEqual([summary])
    const { version } = session
    expect(await store.update(session.id, { version, now: NOW }, { data: '{}' })).toBe(true)

    const epoch = await store.revoke({ ...revocation(group), now: later(1) })
    const expected = { ...revocation(group), epoch: later(1).getTime(), keep: [] }
    const { now: _now, ...document } = expected
    await makeLong(mongo, 'epoch')
    expect(epoch).toStrictEqual(document)
    expect((await store.read(undefined, [group])).epochs.get(group)).toStrictEqual(document)
    expect(await store.purge(epoch)).toBe(1)
  })

  it('never takes a missing id for any id, not even with ignoreUndefined', async () => {
    await using mongo = await watchedClient(inject('mongodbUri'), { ignoreUndefined: true })
    const store = mongoStore(mongo.db)
    const session = member('g')
    await store.insert(session)
    // What a caller without types may hand in.
    const missing = undefined as unknown as string
    expect(await store.delete(missing)).toBe(false)
    expect(await store.update(missing, { version: 1, now: NOW }, { data: '{}' })).toBe(false)
    await store.touch([{ id: missing, lastSeenAt: later(1), expiresAt: later(7200) }], NOW)
    expect((await store.read(session.id, [])).record).toStrictEqual(session)
  })

  it('leaves the client alone: close does not close it', async () => {
    await using mongo = await watchedClient(inject('mongodbUri'))
    const store = mongoStore(mongo.db)
    await store.close?.()
    expect(await mongo.db.command({ ping: 1 })).toMatchObject({ ok: 1 })
    await expect(store.ensureIndexes()).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
  })
})

/** As a backup may come back: mongoimport takes a large whole number for a 64-bit integer. */
async function makeLong({ db }: WatchedClient, field: string): Promise<void> {
  const toLong = [{ $set: { [field]: { $toLong: `$${field}` } } }]
  await db.collection('sessions').updateMany({ [field]: { $type: 'number' } }, toLong)
}

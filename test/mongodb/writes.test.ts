import { mongoStore } from '@adjourn/mongodb'
import { describe, expect, inject, it } from 'vitest'
import { later, member, name, NOW, revocation } from '../support/records.ts'
import { watchedClient } from './support.ts'

const MAJORITY = { w: 'majority', j: true }

describe('writes of the MongoDB store', () => {
  it.each([
    { weak: { w: '1', journal: 'false' } },
    { weak: { w: '0' } },
    { weak: { w: 'majority', journal: 'true', wtimeoutMS: '1' } },
  ])(
    'are acknowledged by a majority, touches by one node, with $weak in the URI',
    async ({ weak }) => {
      await using mongo = await watchedClient(inject('mongodbUri'), {}, weak)
      const store = mongoStore(mongo.db)
      const group = name('group')
      const [first, second] = [member(group), member(group)]
      await store.insert(first)
      await store.insert(second)
      await store.update(first.id, { version: 1, now: NOW }, { data: '{}' })
      await store.touch([{ id: first.id, lastSeenAt: later(1), expiresAt: later(7200) }], NOW)
      await store.delete(first.id)
      expect(await store.purge(await store.revoke(revocation(group)))).toBe(1)

      const concerns = (commandName: string): unknown[] =>
        mongo.commands(commandName).map((command) => command['writeConcern'])
      expect(concerns('createIndexes')).toEqual([MAJORITY])
      expect(concerns('insert')).toEqual([MAJORITY, MAJORITY])
      expect(concerns('findAndModify')).toEqual([MAJORITY])
      expect(concerns('delete')).toEqual([MAJORITY, MAJORITY])
      const updates = mongo.commands('update')
      const touches = updates.filter(isPipeline)
      expect(touches.map((command) => command['writeConcern'])).toEqual([{ w: 1 }])
      const others = updates.filter((command) => !isPipeline(command))
      expect(others.map((command) => command['writeConcern'])).toEqual([MAJORITY])
    },
  )

  it('sends many touches as one unordered command', async () => {
    await using mongo = await watchedClient(inject('mongodbUri'))
    const store = mongoStore(mongo.db)
    const group = name('group')
    const sessions = Array.from({ length: 200 }, () => member(group))
    await Promise.all(sessions.map((session) => store.insert(session)))
    mongo.forget()
    const seen = { lastSeenAt: later(1), expiresAt: later(7200) }
    await store.touch(
      sessions.map(({ id }) => ({ id, ...seen })),
      NOW,
    )
    expect(mongo.commands('update')).toMatchObject([{ ordered: false }])
    mongo.forget()
    await store.touch([], NOW)
    expect(mongo.commands('update')).toEqual([])
  })

  it('revokes in one command, however many sessions there are', async () => {
    await using mongo = await watchedClient(inject('mongodbUri'))
    const store = mongoStore(mongo.db)
    const group = name('group')
    await Promise.all(Array.from({ length: 50 }, () => store.insert(member(group))))
    mongo.forget()
    await store.revoke(revocation(group))
    expect(mongo.commands('findAndModify')).toHaveLength(1)
    expect(['find', 'update', 'delete'].flatMap((each) => mongo.commands(each))).toEqual([])
  })

  it('purges in bounded batches', async () => {
    await using mongo = await watchedClient(inject('mongodbUri'))
    const store = mongoStore(mongo.db)
    const group = name('group')
    for (let batch = 0; batch < 5; batch++) {
      await Promise.all(Array.from({ length: 500 }, () => store.insert(member(group))))
    }
    const epoch = await store.revoke(revocation(group))
    mongo.forget()
    expect(await store.purge(epoch)).toBe(2500)
    const sizes = mongo.commands('delete').map((command) => idsIn(command).length)
    expect(sizes).toEqual([1000, 1000, 500])
  })
})

type Command = Readonly<Record<string, unknown>>

const isPipeline = ({ updates }: Command): boolean =>
  (updates as { u: unknown }[]).every(({ u }) => Array.isArray(u))

/** The ids that a delete of many is bounded to. */
function idsIn({ deletes }: Command): readonly string[] {
  const filters = (deletes as { q: { $and: { _id?: { $in?: string[] } }[] } }[]).map(({ q }) => q)
  return filters.flatMap(({ $and }) => $and.flatMap(({ _id }) => _id?.$in ?? []))
}

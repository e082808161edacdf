/** How an epoch stands in the collection, and what is made of one that somebody has damaged. */
import { mongoStore } from '@adjourn/mongodb'
import { describe, expect, inject, it } from 'vitest'
import { revocation } from '../support/records.ts'
import { watchedClient } from './support.ts'

describe('an epoch in MongoDB', () => {
  it('names its group as it is, also one that looks like a path', async () => {
    await using mongo = await watchedClient(inject('mongodbUri'))
    await mongoStore(mongo.db).revoke(revocation('$epoch'))
    const found = await mongo.db.collection('sessions').findOne({})
    expect(found).toMatchObject({ _id: 'epoch:$epoch', group: '$epoch' })
  })

  it.each([
    ['no number for its epoch', { epoch: 'now' }],
    ['no list of whom it keeps', { keep: null }],
    ['neither', { epoch: null, keep: 'a' }],
  ])('with %s fails the read, rather than bring back whom it has ended', async (_what, fields) => {
    await using mongo = await watchedClient(inject('mongodbUri'))
    const store = mongoStore(mongo.db)
    await store.revoke(revocation('g'))
    await mongo.db.collection('sessions').updateOne({}, { $set: fields })
    await expect(store.read('a', ['g'])).rejects.toThrow('This is no epoch')
  })
})

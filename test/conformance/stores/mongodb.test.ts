import { storeConformance } from '@adjourn/core/testing'
import { mongoStore } from '@adjourn/mongodb'
import { MongoClient } from 'mongodb'
import { afterAll, describe, inject, it } from 'vitest'

const client = new MongoClient(inject('mongodbUri'))
const db = client.db('store-conformance')

storeConformance(
  { describe, it },
  {
    name: 'mongoStore',
    feed: true,
    create: async () => ({
      store: mongoStore(db),
      fault: {
        begin: () => client.close(),
        end: async () => {
          await client.connect()
        },
      },
    }),
  },
)

afterAll(async () => {
  await db.dropDatabase()
  await client.close()
})

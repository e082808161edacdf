/** Somebody's own store and binding, on the port and the published suites. */
import { describe, it } from 'node:test'
import { copyRecord, memoryStore, type SessionRecord, type SessionStore } from '@adjourn/core'
import type { Transport } from '@adjourn/core/binding'
import { faultyStore, manualClock, storeConformance } from '@adjourn/core/testing'

function ownStore(): SessionStore {
  const inner = memoryStore()
  return {
    read: (id, groups, options) => inner.read(id, groups, options),
    insert: (record: SessionRecord) => inner.insert(copyRecord(record)),
    update: (id, expected, changes) => inner.update(id, expected, changes),
    touch: (touches, now) => inner.touch(touches, now),
    delete: (id, expected) => inner.delete(id, expected),
    list: (group, now) => inner.list(group, now),
    revoke: (revocation) => inner.revoke(revocation),
    purge: (epoch) => inner.purge(epoch),
  }
}

export const clock = manualClock(new Date(0))
export const faulty = faultyStore(ownStore())
export const transport: Transport = {
  header: () => null,
  headersSent: () => false,
  queue: ({ setCookie }) => console.log(setCookie?.length),
}

storeConformance({ describe, it }, { create: async () => ({ store: ownStore() }), feed: false })

/** What sessions in the memory store take of the heap. */
import { randomBytes } from 'node:crypto'
import { createSessions, memoryStore, type SessionRecord } from '@adjourn/core'
import { SECRET } from '../subjects/secret.ts'
import { readJob, say } from './start.ts'

const { count } = readJob() as { count: number }
const store = memoryStore()
const sessions = createSessions({ secrets: SECRET, store })

async function templateOf(): Promise<SessionRecord> {
  const session = await sessions.load({
    header: () => undefined,
    headersSent: () => false,
    queue: () => {},
  })
  await session.create({ userId: 'user' })
  const { record } = await store.read(session.id, [])
  if (record === undefined) throw new Error('There is no record to copy')
  return record
}

function copyOf(record: SessionRecord, index: number): SessionRecord {
  const userId = `user-${index}`
  return {
    ...record,
    id: randomBytes(16).toString('base64url'),
    secretHash: randomBytes(32).toString('base64url'),
    userId,
    groups: record.groups.map(({ group, epoch }) => ({
      group: group === 'user:user' ? `user:${userId}` : group,
      epoch,
    })),
  }
}

function heap(): number {
  globalThis.gc?.()
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

const template = await templateOf()
const before = heap()
for (let index = 0; index < count; index++) await store.insert(copyOf(template, index))
say(heap() - before)

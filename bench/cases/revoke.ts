import { createSessions, type SessionStore, type Sessions } from '@adjourn/core'
import { mongoStore } from '@adjourn/mongodb'
import type { Collection, Db } from 'mongodb'
import type { Bench, Case } from '../measure/bench.ts'
import { insertCopies } from '../measure/copies.ts'
import { keyOf, type Figure, type Place } from '../measure/figure.ts'
import { SECRET } from '../subjects/secret.ts'

const WAYS = ['revokeAll: in effect', 'revokeAll: records deleted', 'deleteMany by hand'] as const

/** All sessions of a user end: until none of them is alive, and until the call resolves. */
export const revoke: Case = async (bench) => {
  const db = bench.backend.db('revoke')
  const store = mongoStore(db)
  let inEffect = 0
  const sessions = createSessions({
    secrets: SECRET,
    store: watched(store, () => (inEffect = performance.now())),
  })
  const byHand = db.collection<{ userId: string }>('by_hand')
  await byHand.createIndex({ userId: 1 })
  const figures: Figure[] = []
  for (const count of bench.scale.revoked) {
    const values = new Map<string, number[]>(WAYS.map((way) => [way, []]))
    for (let round = 0; round <= bench.scale.rounds; round++) {
      const user = `user ${count} ${round}`
      await fill(db, sessions, user, count)
      const start = performance.now()
      const ended = await sessions.revokeAll(user)
      const resolved = performance.now()
      if (ended !== count) throw new Error(`revokeAll deleted ${ended} sessions of ${count}`)
      const handTime = await deleteByHand(byHand, user, count)
      // The first round warms up.
      if (round === 0) continue
      const times = [inEffect - start, resolved - start, handTime]
      for (const [index, way] of WAYS.entries()) values.get(way)?.push(times[index] ?? Number.NaN)
    }
    figures.push(...figuresOf(bench, count, values))
  }
  await sessions.close()
  await store.close?.()
  return figures
}

async function fill(db: Db, sessions: Sessions, user: string, count: number): Promise<void> {
  const session = await sessions.load({
    header: () => undefined,
    headersSent: () => false,
    queue: () => {},
  })
  await session.create({ userId: user })
  if (count > 1) await insertCopies(db, { template: user, count: count - 1, userOf: () => user })
}

async function deleteByHand(
  collection: Collection<{ userId: string }>,
  userId: string,
  count: number,
): Promise<number> {
  await collection.insertMany(Array.from({ length: count }, () => ({ userId })))
  const start = performance.now()
  await collection.deleteMany({ userId }, { writeConcern: { w: 'majority', j: true } })
  return performance.now() - start
}

/** The same store, which says when a revocation is acknowledged. */
function watched(store: SessionStore, onRevoked: () => void): SessionStore {
  return new Proxy(store, {
    get(target, key) {
      if (key === 'revoke') {
        return async (...given: Parameters<SessionStore['revoke']>) => {
          const epoch = await target.revoke(...given)
          onRevoked()
          return epoch
        }
      }
      const value: unknown = Reflect.get(target, key)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

function figuresOf({ log }: Bench, count: number, values: Map<string, number[]>): Figure[] {
  return [...values].map(([subject, times]) => {
    const at = count === 1 ? '1 session' : `${count.toLocaleString('en')} sessions`
    const place: Place = { case: 'revoke', at, framework: 'none', subject }
    log(`${keyOf(place)}: ${times.map((time) => time.toFixed(2)).join(' ')}`)
    return { ...place, unit: 'ms', values: times }
  })
}

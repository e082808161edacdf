/** A revocation is one write, whether it ends ten sessions or a hundred thousand. */
import { faultyStore, type FaultyStore } from '@adjourn/core/testing'
import type { Document } from 'mongodb'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { DATABASE, newUser, plant, signIn, signInMany, startApp, type AppNode } from './app.ts'
import { failureOf } from './outcome.ts'

const MANY = Number(process.env['ADJOURN_MANY'] ?? 5000)
const FEW = 10
const ROUNDS = 9
const MOST_AT_ONCE = 1000
const WRITES = ['insert', 'update', 'delete', 'findAndModify']

describe('revokeAll of a user', () => {
  let here: AppNode
  let there: AppNode
  let faulty: FaultyStore

  beforeAll(async () => {
    here = await startApp(inject('mongodbUri'), { wrap: (store) => (faulty = faultyStore(store)) })
    there = await startApp(inject('mongodbUri'))
  })

  afterAll(async () => {
    await there.client.db(DATABASE).dropDatabase()
    await Promise.all([here, there].map((app) => app[Symbol.asyncDispose]()))
  })

  it(`with ${MANY} sessions takes effect by one write`, { timeout: 600_000 }, async () => {
    const [few, many] = [newUser('few'), newUser('many')]
    await plant(there.store, few, FEW)
    await plant(there.store, many, MANY)
    const times: { few: number; many: number }[] = []
    for (let round = 0; round < ROUNDS; round++) {
      // In turn, so that whatever else this machine does slows both.
      times.push({ few: await timeToEffect(few), many: await timeToEffect(many) })
    }
    const [short, long] = [median(times.map((of) => of.few)), median(times.map((of) => of.many))]
    expect(await recordsOf(many), 'nothing was deleted so far').toBe(MANY + ROUNDS)
    const ratio = (long / short).toFixed(2)
    console.log(
      `time to effect: ${FEW} sessions ${short.toFixed(1)} ms, ` +
        `${MANY} sessions ${long.toFixed(1)} ms, ratio ${ratio}`,
    )

    const [next] = await signInMany(there, 1, few)
    here.forget()
    const cleanup = watchCleanup(here)
    const started = performance.now()
    expect(await here.sessions.revokeAll(many)).toBe(MANY + ROUNDS)
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    const { megabytes, batches } = cleanup.stop()
    console.log(`cleanup: ${batches.length} batches, ${seconds} s, ${megabytes.toFixed(0)} MB more`)
    expect(batches.length).toBe(Math.ceil((MANY + ROUNDS) / MOST_AT_ONCE))
    expect(Math.max(...batches)).toBeLessThanOrEqual(MOST_AT_ONCE)
    expect(await recordsOf(many)).toBe(0)
    expect(await next?.whoIs(here)).toBe(few)
  })

  /** In milliseconds: from the call until a request is refused. The revoked records stay. */
  async function timeToEffect(user: string): Promise<number> {
    const browser = await signIn(there, user)
    expect(await browser.whoIs(there)).toBe(user)
    faulty.fail('purge', { times: 3 })
    here.forget()
    const started = performance.now()
    const revoking = failureOf(() => here.sessions.revokeAll(user))
    while ((await browser.whoIs(there)) !== undefined);
    const time = performance.now() - started
    expect(String(await revoking)).toContain('is in effect')
    const writes = here.commands(...WRITES).map(({ commandName }) => commandName)
    expect(writes).toEqual(['findAndModify'])
    return time
  }

  async function recordsOf(user: string): Promise<number> {
    const sessions = there.client.db(DATABASE).collection('sessions')
    return sessions.countDocuments({ 'groups.group': `user:${user}` })
  }
})

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

interface Cleanup {
  /** By how much the process has grown, and how many records each delete has named. */
  stop(): { megabytes: number; batches: readonly number[] }
}

function watchCleanup(app: AppNode): Cleanup {
  const before = process.memoryUsage.rss()
  const batches: number[] = []
  let most = before
  const look = (): void => {
    most = Math.max(most, process.memoryUsage.rss())
    for (const { command } of app.commands('delete')) batches.push(sizeOf(command))
    app.forget()
  }
  const timer = setInterval(look, 10)
  return {
    stop() {
      clearInterval(timer)
      look()
      return { megabytes: (most - before) / 1e6, batches }
    },
  }
}

/** Of `{ $and: [ended, { _id: { $in: ids } }] }`. */
function sizeOf({ deletes }: Document): number {
  const [{ q }] = deletes as [{ q: { $and: [unknown, { _id: { $in: string[] } }] } }]
  const [, named] = q.$and
  return named._id.$in.length
}

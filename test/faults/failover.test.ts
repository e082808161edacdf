/** A primary that is killed, on a real replica set: what resolved is final, and the rest says so. */
import { describe, expect, it } from 'vitest'
import {
  Browser,
  DATABASE,
  inParallel,
  newUser,
  plant,
  signIn,
  signInMany,
  startApp,
} from './app.ts'
import { failureOf, insist, settle, tell, TIMEOUT, type Outcome } from './outcome.ts'
import { useReplicaSet } from './fixture.ts'
import { command, on } from './replica-set.ts'
import type { Server } from './server.ts'
import { until } from './waiting.ts'
import { startWriter } from './writer.ts'

const LOGOUTS = Number(process.env['ADJOURN_LOGOUTS'] ?? 60)
const SESSIONS = Number(process.env['ADJOURN_FAILOVER_SESSIONS'] ?? 400)
/** A bound that most failovers keep to, in seconds. */
const PATIENT = 10
const LONG = { timeout: 300_000 }

describe('a primary that goes', () => {
  const fixture = useReplicaSet()

  it(`killed during ${LOGOUTS} logouts: those that resolved are final`, LONG, async () => {
    const { set, here, there } = fixture
    // Every other logout may take as long as the failover does.
    await using patient = await startApp(set.uri, { timeout: PATIENT })
    const leaving = await signInMany(here, LOGOUTS)
    const staying = await signInMany(here, 20)
    const sessions = await inParallel(leaving, (browser, index) =>
      browser.copy().load(index % 2 === 0 ? here : patient),
    )
    const ids = sessions.map(({ id }) => id ?? '')
    const old = await set.primary()

    let killed: Promise<void> | undefined
    const outcomes = await inParallel(sessions, async (session, index) => {
      if (index === Math.floor(LOGOUTS / 3)) killed = old.kill()
      return settle(() => session.end(), index % 2 === 0 ? 1 : PATIENT / TIMEOUT)
    })
    await killed
    await set.primary(others(old))
    const resolved = ids.filter((_id, index) => outcomes[index]?.error === undefined)
    tell(
      'logouts',
      outcomes.filter((_outcome, index) => index % 2 === 0),
    )
    tell(
      'patient logouts',
      outcomes.filter((_outcome, index) => index % 2 === 1),
    )
    expect(resolved).not.toEqual([])
    expect(await recordsOf(resolved)).toBe(0)
    for (const [index, { error }] of outcomes.entries()) {
      if (error === undefined) expect(await leaving[index]?.whoIs(there)).toBeUndefined()
      else expect(error.record).toBe('unknown')
    }

    await inParallel(sessions, (session) => insist(() => session.end(), PATIENT / TIMEOUT))
    expect(await recordsOf(ids)).toBe(0)
    for (const browser of leaving) expect(await browser.whoIs(there)).toBeUndefined()
    for (const browser of staying) expect(await browser.whoIs(there)).toMatch(/^user-/)

    await old.start()
    await set.healthy()
    // Whatever it had that nobody else had is rolled back; the logouts are not.
    await until('no node has an ended session', () => noneOnAnyNode(ids))
    for (const browser of leaving) expect(await browser.whoIs(here)).toBeUndefined()
  })

  it.each([
    ['as a revocation is written', 'findAndModify'],
    ['as the revoked are deleted', 'delete'],
  ])(`killed %s: none of ${SESSIONS} sessions lives on`, LONG, async (when, commandName) => {
    const { set, here, there } = fixture
    const user = newUser('ann')
    await plant(here.store, user, SESSIONS)
    const old = await signInMany(here, 10, user)
    const staying = await signInMany(here, 10)
    const fence = await here.sessions.fence(user)
    const primary = await set.primary()
    const killed = here.onNext(commandName, () => primary.kill())

    const late = new Browser()
    const login = failureOf(() =>
      late.visit(there, (session) => session.create({ userId: user, fence })),
    )
    const outcomes = await revoke(user, old)
    await killed
    const { code } = ((await login) ?? {}) as { code?: string }
    expect([undefined, 'ERR_SESSION_REVOKED', 'ERR_STORE_UNAVAILABLE']).toContain(code)
    tell(`revokeAll, killed ${when}`, outcomes)

    expect(await there.sessions.list(user)).toEqual([])
    const left = await here.store.list(`user:${user}`, new Date(0))
    // A login that failed may leave its record behind: revoked, and nobody has its cookie.
    expect(left.length).toBeLessThanOrEqual(code === undefined ? 0 : 1)
    for (const browser of [...old, late]) expect(await browser.whoIs(there)).toBeUndefined()
    for (const browser of staying) expect(await browser.whoIs(there)).toMatch(/^user-/)
    const next = await signIn(there, user)
    expect(await next.whoIs(here)).toBe(user)
    expect(await here.sessions.list(user)).toHaveLength(1)
  })

  it('stepping down: what resolved is there, and nobody is lost', LONG, async () => {
    const { set, here, there } = fixture
    const writers = await inParallel(Array.from({ length: 8 }), () => startWriter(here, there))
    const old = await set.primary()
    const enough = new AbortController()
    const writing = writers.map((writer) => writer.run(enough.signal))
    await until('all have written', async () => writers.every(({ turns }) => turns >= 10))
    await command(old, { replSetStepDown: 10, secondaryCatchUpPeriodSecs: 5 })
    await set.primary(others(old))
    const before = writers.map(({ turns }) => turns)
    await until('all have written again', async () =>
      writers.every(({ turns }, index) => turns >= (before[index] ?? 0) + 10),
    )
    enough.abort()
    await Promise.all(writing)
    tell(
      'writes around a stepdown',
      writers.flatMap(({ outcomes }) => outcomes),
    )
    await Promise.all(writers.map((writer) => writer.assertSignedIn()))
  })

  it('stepping down: every request that comes meanwhile is answered', LONG, async () => {
    const { set } = fixture
    await using patient = await startApp(set.uri, { timeout: PATIENT })
    const users = await signInMany(patient, 8)
    const old = await set.primary()
    const enough = new AbortController()
    let requests = 0
    const reading = users.map(async (browser) => {
      while (!enough.signal.aborted) {
        expect(await browser.whoIs(patient)).toBeDefined()
        requests++
      }
    })
    await until('some have been answered', async () => requests > 50)
    await command(old, { replSetStepDown: 10, secondaryCatchUpPeriodSecs: 5 })
    await set.primary(others(old))
    const before = requests
    await until('some have been answered again', async () => requests > before + 50)
    enough.abort()
    await Promise.all(reading)
  })

  const others = (node: Server): Server[] => fixture.set.nodes.filter((each) => each !== node)

  /** Calls revokeAll until it resolves, as its error tells the app to. */
  async function revoke(user: string, old: readonly Browser[]): Promise<Outcome[]> {
    const { here, there } = fixture
    const outcomes: Outcome[] = []
    await until('the revocation is done', async () => {
      // The write, and three attempts at the deletion.
      const outcome = await settle(() => here.sessions.revokeAll(user), 4)
      outcomes.push(outcome)
      if (outcome.error?.message.includes('is in effect')) {
        for (const browser of old) expect(await browser.whoIs(there)).toBeUndefined()
      }
      return outcome.error === undefined
    })
    return outcomes
  }

  /** How many of these a majority has. */
  async function recordsOf(ids: readonly string[]): Promise<number> {
    const found = fixture.there.client
      .db(DATABASE)
      .collection<{ _id: string }>('sessions')
      .find({ _id: { $in: [...ids] } }, { readConcern: 'majority', readPreference: 'primary' })
    return (await found.toArray()).length
  }

  async function noneOnAnyNode(ids: readonly string[]): Promise<boolean> {
    const filter = { _id: { $in: [...ids] } }
    const counts = fixture.set.nodes.map((node) =>
      on(node, (client) =>
        client.db(DATABASE).collection<{ _id: string }>('sessions').countDocuments(filter),
      ),
    )
    // One that is only just back does not answer yet.
    const answers = await Promise.all(counts.map((count) => count.catch(() => undefined)))
    return answers.every((count) => count === 0)
  }
})

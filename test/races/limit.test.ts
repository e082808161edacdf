import { memoryStore, type Session, type Sessions, type SessionStore } from '@adjourn/core'
import { mongoStore } from '@adjourn/mongodb'
import { sqliteStore } from '@adjourn/sqlite'
import * as fc from 'fast-check'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { clock, Stage } from './stage.ts'
import { Turnstile } from './turnstile.ts'
import { cookieOf, request, type Answer } from './world.ts'

/** Schedules on the memory store; a tenth of them on the others. More in `test:long`. */
const RUNS = Number(process.env['ADJOURN_SCHEDULES'] ?? 200)

/** Seconds that the clock of each node is off. */
const OFF = [0, -600, 600, 1] as const

/** A login that races others for the last places. */
interface Login {
  readonly node: number
  /** What the browser has before: nothing, an anonymous session with a cart, one of somebody else. */
  readonly from: 'nothing' | 'cart' | 'bob'
}

interface Plan {
  readonly max: number
  /** On which nodes the sessions were started that the user has already. */
  readonly before: readonly number[]
  readonly logins: readonly Login[]
  readonly choices: readonly number[]
}

const stage = new Stage()
const clocks = OFF.map((seconds) => ({ now: () => clock.now() + seconds * 1000 }))
const sessionsOf = (part: string, node: number, max: number): Sessions => {
  const own = clocks[node] ?? clock
  return stage.sessions(part, { clock: own, maxSessionsPerUser: max, onLimit: 'reject' })
}

type Handle = (session: Session) => Promise<unknown>

const signIn =
  (userId: string): Handle =>
  (session) =>
    session.create({ userId })

const PREPARE: Record<Login['from'], (name: string) => Handle> = {
  nothing: () => async () => {},
  cart: (name) => (session) => session.create({ data: { cart: name } }),
  bob: (name) => (session) => session.create({ userId: name }),
}

let users = 0

/** One race, on a store that may hold others. */
class Race {
  readonly #user = `ann-${process.pid}-${users++}`
  readonly #store: SessionStore
  readonly #plan: Plan
  /** The cookies of the sessions that the user has. */
  readonly #settled: string[] = []
  /** What the browsers that sign in had before. */
  readonly #cookies: (string | undefined)[] = []
  readonly #answers: Answer[] = []

  constructor(store: SessionStore, plan: Plan) {
    this.#store = store
    this.#plan = plan
  }

  async prepare(): Promise<void> {
    const { max, before, logins } = this.#plan
    for (const node of before.slice(0, max)) {
      this.#settled.push(cookieOf(await this.#visit(node, undefined, signIn(this.#user))) ?? '')
    }
    for (const [actor, { node, from }] of logins.entries()) {
      this.#cookies.push(
        cookieOf(await this.#visit(node, undefined, PREPARE[from](this.#nameOf(actor)))),
      )
    }
  }

  async run(): Promise<void> {
    const { max, logins, choices } = this.#plan
    const turnstile = new Turnstile()
    for (const [actor, { node }] of logins.entries()) {
      const part = `actor ${actor} on ${node}`
      stage.enter(part, turnstile.wrap(this.#store, actor))
      turnstile.start(async () => {
        const sessions = sessionsOf(part, node, max)
        this.#answers[actor] = await request(sessions, this.#cookies[actor], signIn(this.#user))
      })
    }
    let at = 0
    for (await turnstile.quiet(); turnstile.waiting.length > 0; await turnstile.quiet()) {
      const choice = (choices[at++ % choices.length] ?? 0) % turnstile.waiting.length
      await turnstile.waiting.splice(choice, 1)[0]?.go()
    }
  }

  async judge(): Promise<void> {
    const { max, logins } = this.#plan
    const places = Math.min(max - this.#settled.length, logins.length)
    const winners = this.#answers.filter(({ error }) => error === undefined)
    expect(winners).toHaveLength(places)
    const listed = await this.#outside(0).list(this.#user)
    expect(listed).toHaveLength(this.#settled.length + places)
    for (const cookie of this.#settled) expect((await this.#look(cookie))[0]).toBe(this.#user)
    for (const actor of logins.keys()) await this.#judge(actor)
  }

  /** Who is in has the cart; who is not has what was there before. */
  async #judge(actor: number): Promise<void> {
    const { from } = this.#plan.logins[actor] ?? {}
    const { error, queued } = this.#answers[actor] ?? {}
    const name = this.#nameOf(actor)
    const cart = from === 'cart' ? name : undefined
    if (error === undefined) {
      expect(await this.#look(cookieOf({ error, queued }))).toEqual([this.#user, cart])
      return
    }
    expect([error, queued]).toEqual(['ERR_SESSION_LIMIT', undefined])
    const userId = from === 'bob' ? name : undefined
    expect(await this.#look(this.#cookies[actor])).toEqual([userId, cart])
  }

  #nameOf(actor: number): string {
    return `${this.#user}-${actor}`
  }

  /** Who a cookie signs in, and what is in the cart. */
  async #look(cookie: string | undefined): Promise<unknown[]> {
    let seen: unknown[] = []
    await this.#visit(0, cookie, async ({ userId, data }) => {
      seen = [userId, data['cart']]
    })
    return seen
  }

  #outside(node: number): Sessions {
    const part = `outside ${node}`
    stage.enter(part, this.#store)
    return sessionsOf(part, node, this.#plan.max)
  }

  #visit(node: number, cookie: string | undefined, handle: Handle): Promise<Answer> {
    return request(this.#outside(node), cookie, handle)
  }
}

const node = fc.nat(OFF.length - 1)
const plans: fc.Arbitrary<Plan> = fc.record({
  max: fc.integer({ min: 1, max: 3 }),
  before: fc.array(node, { maxLength: 3 }),
  logins: fc.array(
    fc.record({ node, from: fc.constantFrom('nothing' as const, 'cart' as const, 'bob' as const) }),
    { minLength: 2, maxLength: 5 },
  ),
  choices: fc.array(fc.nat(30), { minLength: 10, maxLength: 60 }),
})

function racesOn(name: string, runs: number, createStore: () => SessionStore): void {
  it(`${runs} races on ${name}`, { timeout: 1_800_000 }, async () => {
    const property = fc.asyncProperty(plans, async (plan) => {
      const race = new Race(createStore(), plan)
      await race.prepare()
      await race.run()
      await race.judge()
    })
    await fc.assert(property, { numRuns: runs, endOnFailure: false })
  })
}

describe("onLimit: 'reject' gives every place to one login, and takes none away", () => {
  racesOn('the memory store', RUNS, () => memoryStore())
  racesOn('SQLite', Math.ceil(RUNS / 10), () => sqliteStore(':memory:'))

  const client = new MongoClient(inject('mongodbUri'))
  const db = client.db('limit-races')
  const store = mongoStore(db)
  beforeAll(async () => {
    await db.dropDatabase()
  })
  afterAll(async () => {
    await db.dropDatabase()
    await client.close()
  })
  racesOn('MongoDB', Math.ceil(RUNS / 10), () => store)
})

import { expect } from 'vitest'
import { newUser, signIn, type AppNode } from './app.ts'
import { settle, type Outcome } from './outcome.ts'

/** A user who saves, rotates and signs in again without end, and checks each on another node. */
export interface Writer {
  readonly turns: number
  readonly outcomes: readonly Outcome[]
  /** Until the signal comes. */
  run(signal: AbortSignal): Promise<void>
  assertSignedIn(): Promise<void>
}

/** To load the session, to read it again, to write it, and to see what became of that. */
const BOUNDS = 4

export async function startWriter(here: AppNode, there: AppNode): Promise<Writer> {
  const user = newUser('writer')
  const outcomes: Outcome[] = []
  let browser = await signIn(here, user)
  /** What the stored count may be: what was acknowledged, and since then what is unknown. */
  let counts: (number | undefined)[] = [undefined]
  let turns = 0

  async function attempt(run: () => Promise<unknown>): Promise<Outcome> {
    const outcome = await settle(run, BOUNDS)
    outcomes.push(outcome)
    return outcome
  }

  async function save(count: number): Promise<void> {
    const { error } = await attempt(() =>
      browser.visit(here, async (session) => {
        expect(session.userId).toBe(user)
        session.data['count'] = count
        await session.save()
      }),
    )
    counts = error === undefined ? [count] : [...counts, count]
  }

  async function rotate(): Promise<void> {
    const before = browser.copy()
    const { error } = await attempt(() => browser.visit(here, (session) => session.rotate()))
    if (error === undefined) expect(await before.whoIs(there)).toBeUndefined()
    // Rejected: the browser has its old cookie, and is signed in by it.
    expect(await browser.whoIs(there)).toBe(user)
  }

  async function signInAgain(): Promise<void> {
    const next = browser.copy()
    next.cookie = ''
    const { error } = await attempt(() =>
      next.visit(here, (session) => session.create({ userId: user, data: { count: turns } })),
    )
    if (error !== undefined) return
    browser = next
    counts = [turns]
  }

  return {
    get turns() {
      return turns
    },
    outcomes,
    async run(signal) {
      for (; !signal.aborted; turns++) {
        await save(turns)
        if (turns % 2 === 0) await rotate()
        if (turns % 5 === 4) await signInAgain()
      }
    },
    async assertSignedIn() {
      const found = await browser.visit(there, ({ userId, data }) => [userId, data['count']])
      expect(found[0]).toBe(user)
      expect(counts).toContain(found[1])
    },
  }
}

import type { SessionError } from '@adjourn/core'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'vitest'
import { until } from './waiting.ts'

/** A store's bound in these tests, in seconds. */
export const TIMEOUT = 2

/** What a busy machine may add to a bound; far below the 30 s that the driver waits by itself. */
const SLACK = 3

/** How a call ended, and after how many seconds. */
export interface Outcome {
  /** Absent if it resolved. */
  readonly error?: SessionError
  readonly seconds: number
}

/**
 * Awaits a call that may meet an outage. Fails the test if it ends in any other way, or later than
 * so many of the store's bounds, one for each call of the store that may fail.
 */
export async function settle(run: () => Promise<unknown>, bounds = 1): Promise<Outcome> {
  const started = performance.now()
  const limit = bounds * TIMEOUT + SLACK
  const error = await Promise.race([failureOf(run), lateAfter(limit)])
  const seconds = (performance.now() - started) / 1000
  if (error === undefined) return { seconds }
  expect(error).toMatchObject({ name: 'SessionError', code: 'ERR_STORE_UNAVAILABLE' })
  return { error: error as SessionError, seconds }
}

export async function failureOf(run: () => Promise<unknown>): Promise<unknown> {
  return run().then(
    () => undefined,
    (error: unknown) => error,
  )
}

/** Calls until it resolves, as its error tells the app to. */
export async function insist(run: () => Promise<unknown>, bounds = 1): Promise<void> {
  await until('it resolves', async () => (await settle(run, bounds)).error === undefined)
}

async function lateAfter(seconds: number): Promise<Error> {
  await pause(seconds * 1000, undefined, { ref: false })
  return new Error(`No answer in ${seconds} s`)
}

export function tell(what: string, outcomes: readonly Outcome[]): void {
  const rejected = outcomes.filter(({ error }) => error !== undefined).length
  const longest = Math.max(...outcomes.map(({ seconds }) => seconds))
  const counts = `${outcomes.length - rejected} resolved, ${rejected} rejected`
  console.log(`${what}: ${counts}, longest ${longest.toFixed(1)} s`)
}

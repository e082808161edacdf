import { setTimeout as pause } from 'node:timers/promises'

const EVERY_MS = 25

/** How long the servers may take for anything, in seconds: this machine may be busy. */
const PATIENCE = 60

/** Polls until it is true or something; rejects when that takes too long. */
export async function until<T>(
  what: string,
  look: () => Promise<T | false | undefined>,
): Promise<T> {
  const end = performance.now() + PATIENCE * 1000
  for (;;) {
    const seen = await look()
    if (seen !== false && seen !== undefined) return seen
    if (performance.now() > end) throw new Error(`Not within ${PATIENCE} s: ${what}`)
    await pause(EVERY_MS)
  }
}

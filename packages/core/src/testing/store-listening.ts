import assert from 'node:assert/strict'
import type { SessionStore } from '../index.ts'

/** One who watches a store. */
export interface Listening {
  /**
   * Waits until everything that was acknowledged by now has been told. What was told of these names
   * since it was asked last, each once, sorted.
   */
  told(...names: readonly string[]): Promise<string[]>
  /** The same without waiting. */
  heard(...names: readonly string[]): string[]
  /** The same wait, after an outage. */
  recovered(): Promise<void>
  /** Up to when everything has been told, as far as the feed has said. */
  toldUpTo(): number
  close(): Promise<void>
}

const WITHIN_MS = 5000
const AFTER_AN_OUTAGE_MS = 10_000

interface Word {
  readonly what: string
  readonly name: string
}

function about(names: readonly string[], words: readonly Word[]): string[] {
  const own = words.filter(({ name }) => names.includes(name))
  return [...new Set(own.map(({ what, name }) => `${what} ${name}`))].toSorted()
}

/** Listens, and may have to wait for the first word. */
export function attach(store: SessionStore): Listening {
  const words: Word[] = []
  let upTo = -Infinity
  let wasLost = false
  let isAhead = false
  let wake: (() => void) | undefined

  const note = (what: string) => (name: string) => void words.push({ what, name })
  const watch = store.watch?.({
    deleted: note('deleted'),
    written: note('written'),
    revoked: note('revoked'),
    current(asOf) {
      isAhead ||= asOf !== Infinity && asOf > performance.now()
      upTo = asOf
      wake?.()
    },
    lost() {
      wasLost ||= upTo !== -Infinity
      upTo = -Infinity
    },
  })
  assert.ok(watch !== undefined, 'the store has a feed')

  /** @returns What had been told by then. */
  async function caughtUp(within: number): Promise<Word[]> {
    const now = performance.now()
    const told = await new Promise<Word[]>((resolve, reject) => {
      const late = new Error(`The feed was not current within ${within / 1000} s`)
      const timer = setTimeout(() => reject(late), within)
      wake = () => {
        if (upTo <= now) return
        wake = undefined
        clearTimeout(timer)
        // Here and now: what comes after current comes too late.
        resolve(words.splice(0))
      }
      wake()
    })
    assert.ok(!isAhead, 'current is a reading of performance.now(), and not of the future')
    return told
  }

  return {
    heard: (...names) => about(names, words.splice(0)),
    async told(...names) {
      const told = await caughtUp(WITHIN_MS)
      assert.ok(!wasLost, 'the feed is not lost: there was no outage')
      return about(names, told)
    },
    async recovered() {
      await caughtUp(AFTER_AN_OUTAGE_MS)
      wasLost = false
    },
    toldUpTo: () => upTo,
    close: () => watch.close(),
  }
}

/** Listens, and is current. */
export async function listen(store: SessionStore): Promise<Listening> {
  const listening = attach(store)
  await listening.told()
  return listening
}

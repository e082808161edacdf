import type { SessionStore } from '@adjourn/core'
import { perform, storeOf, type OPERATIONS } from './stage.ts'

/** A store operation that waits for its turn. */
export interface Waiting {
  readonly actor: number
  /** `answer`: what the store has read arrives. */
  readonly operation: (typeof OPERATIONS)[number] | 'answer'
  readonly given: readonly unknown[]
  /** Runs it; resolves when the store has answered, to what it answered. */
  readonly go: () => Promise<unknown>
}

/**
 * Where the store operations of several actors wait, so that a schedule can say which comes next.
 * The operation itself is atomic, as the store promises.
 */
export class Turnstile {
  readonly waiting: Waiting[] = []
  /** Whoever comes now passes: it is somebody who only looks, while all actors stand still. */
  isOpen = false
  readonly #finished = new Set<number>()
  #actors = 0

  /**
   * The store as one actor sees it.
   *
   * @param slow What a read has found waits for a turn of its own before it arrives.
   */
  wrap(store: SessionStore, actor: number, slow = false): SessionStore {
    return storeOf((operation, given) => {
      if (this.isOpen) return perform(store, operation, given)
      return new Promise((resolve, reject) => {
        const go = async (): Promise<unknown> => {
          const answer = perform(store, operation, given)
          const arrive = (): Promise<unknown> => {
            answer.then(resolve, reject)
            return answer.catch(ignore)
          }
          if (!slow || operation !== 'read') return arrive()
          this.#wait({ actor, operation: 'answer', given, go: arrive })
          return answer.catch(ignore)
        }
        this.#wait({ actor, operation, given, go })
      })
    })
  }

  start(act: () => Promise<void>): void {
    const actor = this.#actors++
    void act().finally(() => this.#finished.add(actor))
  }

  /** Resolves when every actor has finished or waits for its turn. */
  async quiet(): Promise<void> {
    do {
      await new Promise(setImmediate)
    } while (!this.#everyoneWaits())
  }

  #wait(entry: Waiting): void {
    this.waiting.push(entry)
    // Whoever is first to arrive depends on the threads that do the sealing.
    this.waiting.sort((one, other) => one.actor - other.actor)
  }

  #everyoneWaits(): boolean {
    const waits = new Set(this.waiting.map(({ actor }) => actor))
    return Array.from({ length: this.#actors }, (_, actor) => actor).every(
      (actor) => this.#finished.has(actor) || waits.has(actor),
    )
  }
}

const ignore = (): void => {}

/** Picks one of the operations that wait. */
export type Choose = (waiting: readonly Waiting[]) => number

/** Runs all schedules, or the first `most` of them; resolves to how many there were. */
export async function exhaust(
  most: number,
  run: (choose: Choose) => Promise<void>,
): Promise<number> {
  let prefix: number[] = []
  for (let count = 1; ; count++) {
    const taken: { choice: number; width: number }[] = []
    await run(({ length: width }) => {
      const choice = prefix[taken.length] ?? 0
      taken.push({ choice, width })
      return choice
    })
    while (taken.length > 0 && isLast(taken.at(-1))) taken.pop()
    const last = taken.pop()
    if (last === undefined || count === most) return count
    prefix = [...taken.map(({ choice }) => choice), last.choice + 1]
  }
}

function isLast(taken: { choice: number; width: number } | undefined): boolean {
  return taken !== undefined && taken.choice + 1 >= taken.width
}

import type { Runner } from './runner.ts'
import { copyClauses } from './store-copies.ts'
import { deleteClauses } from './store-deletes.ts'
import { epochClauses, readClauses } from './store-epochs.ts'
import { feedClauses, noFeedClauses } from './store-feeds.ts'
import { keepClauses } from './store-keeps.ts'
import { listClauses } from './store-lists.ts'
import { outageClauses } from './store-outages.ts'
import { purgeClauses } from './store-purges.ts'
import { createSubject, type Clause, type StoreUnderTest } from './store-subject.ts'
import { fidelityClauses, hostileClauses } from './store-texts.ts'
import { touchClauses } from './store-touches.ts'
import { insertClauses, updateClauses } from './store-writes.ts'

/** What {@link storeConformance} takes. */
export interface StoreConformanceOptions {
  /**
   * Makes the store for one case. It may be empty or share a database with others: the suite gives
   * its records names that no other run repeats, and expects nothing of what else is there.
   */
  readonly create: () => Promise<StoreUnderTest>
  /**
   * Whether the store has a feed, `watch`. The suite then waits for what it says, and nobody else may
   * write to the database meanwhile if the feed cannot tell who did. Default: false.
   */
  readonly feed?: boolean
  /** What the tests are called after. Default: `store`. */
  readonly name?: string
}

const TOPICS: Readonly<Record<string, readonly Clause[]>> = {
  insert: insertClauses,
  update: updateClauses,
  touch: touchClauses,
  delete: deleteClauses,
  read: readClauses,
  epochs: epochClauses,
  exceptions: keepClauses,
  purge: purgeClauses,
  list: listClauses,
  copies: copyClauses,
  fidelity: fidelityClauses,
  'hostile names': hostileClauses,
  outages: outageClauses,
}

/**
 * The contract of the store port, `SessionStore`, as tests: each clause has a number, which
 * stays, and its text is the name of its tests. A store that passes gives core what its guarantees
 * rest on. Time is an argument, in the year 2060, so that a database's own expiry monitor takes
 * nothing away; but for what a feed says, the suite never waits and reads no clock.
 *
 * @param runner `describe` and `it` of any test runner.
 * @param options How to make the store, and what it can do.
 * @example
 * ```ts
 * import { memoryStore } from '@adjourn/core'
 * import { storeConformance } from '@adjourn/core/testing'
 * import { describe, it } from 'vitest'
 *
 * const create = async () => ({ store: memoryStore() }) // yours here
 * storeConformance({ describe, it }, { name: 'my store', create })
 * ```
 */
export function storeConformance(
  { describe, it }: Runner,
  { create, feed = false, name = 'store' }: StoreConformanceOptions,
): void {
  const topics = { ...TOPICS, feed: feed ? feedClauses : noFeedClauses }
  describe(`${name}: contract of the store port`, () => {
    for (const [topic, clauses] of Object.entries(topics)) {
      describe(topic, () => {
        for (const { id, text, check } of clauses) {
          it(`${id} ${text}`, async () => {
            const under = await create()
            try {
              await check(createSubject(under))
            } finally {
              await under.close?.()
            }
          })
        }
      })
    }
  })
}

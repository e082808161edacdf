import { SessionError } from '@adjourn/core'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createCoalescer, type Coalescer } from '../src/coalesce.ts'

interface Query {
  readonly keys: readonly string[]
  answer(): void
}

/** Lookups whose queries wait to be answered, within a bound of a second. */
function lookups(): { reads: Coalescer<string>; queries: Query[] } {
  const queries: Query[] = []
  const fetchMany = (keys: readonly string[]): Promise<Map<string, string>> =>
    new Promise((resolve) => {
      queries.push({ keys, answer: () => resolve(new Map(keys.map((key) => [key, key]))) })
    })
  const late = (): SessionError => new SessionError('ERR_STORE_UNAVAILABLE', 'late')
  const bound = { milliseconds: 1000, lastFailure: undefined, timedOut: late }
  return { reads: createCoalescer(fetchMany, bound), queries }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** The store has seen that nothing more comes. */
const quiet = async (): Promise<void> => {
  for (let turns = 0; turns < 10; turns++) await turn()
}

const many = (reads: Coalescer<string>, count: number): Promise<unknown>[] =>
  Array.from({ length: count }, (_, at) => reads.fetch(`${at}`, ['all']))

describe('lookups', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('that come alone are not kept waiting for others', async () => {
    const { reads, queries } = lookups()
    const first = reads.fetch('a', [])
    await quiet()
    queries[0]?.answer()
    await first
    const second = reads.fetch('b', [])
    await Promise.resolve()
    expect(queries.map(({ keys }) => keys)).toEqual([['a'], ['b']])
    queries[1]?.answer()
    expect((await second).documents.get('b')).toBe('b')
  })

  it('that come together again share a query again', async () => {
    const { reads, queries } = lookups()
    for (const count of [1, 2, 3]) {
      const found = many(reads, count)
      for (let answered = 0; answered < 3; answered++) {
        await quiet()
        for (const query of queries.splice(0)) query.answer()
      }
      await Promise.all(found)
    }
    const found = many(reads, 5)
    await quiet()
    expect(queries.map(({ keys }) => keys)).toEqual([['0', '1', '2', '3', '4', 'all']])
    queries[0]?.answer()
    await Promise.all(found)
  })

  it('that come while two queries are under way wait for the next', async () => {
    const { reads, queries } = lookups()
    const found = many(reads, 2)
    await quiet()
    found.push(...many(reads, 3))
    await quiet()
    const later = reads.fetch('later', [])
    await quiet()
    expect(queries).toHaveLength(2)
    queries[0]?.answer()
    await quiet()
    expect(queries.map(({ keys }) => keys).at(2)).toEqual(['later'])
    for (const query of queries) query.answer()
    await Promise.all([...found, later])
  })

  it('say whether somebody else has asked for the same record', async () => {
    const { reads, queries } = lookups()
    const found = [reads.fetch('a', ['all']), reads.fetch('b', ['all'])]
    await quiet()
    queries[0]?.answer()
    for (const each of found) expect((await each).isShared).toBe(false)
    const shared = [reads.fetch('a', []), reads.fetch('a', [])]
    await quiet()
    queries[1]?.answer()
    for (const each of shared) expect((await each).isShared).toBe(true)
  })

  it('fail at the bound, each from its own beginning, and are in no later query', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const { reads, queries } = lookups()
    const outcomes: string[] = []
    const follow = (name: string): void => {
      void reads.fetch(name, []).then(
        () => outcomes.push(`${name} found`),
        (error: SessionError) => outcomes.push(`${name} ${error.code}`),
      )
    }
    for (const name of ['a', 'b']) {
      follow(name)
      await quiet()
    }
    // Both hang; what comes next waits for its turn.
    vi.advanceTimersByTime(600)
    follow('c')
    await quiet()
    vi.advanceTimersByTime(400)
    await quiet()
    expect(outcomes).toEqual(['a ERR_STORE_UNAVAILABLE', 'b ERR_STORE_UNAVAILABLE'])
    vi.advanceTimersByTime(600)
    await quiet()
    expect(outcomes.slice(2)).toEqual(['c ERR_STORE_UNAVAILABLE'])
    for (const query of queries) query.answer()
    await quiet()
    expect(queries.map(({ keys }) => keys)).toEqual([['a'], ['b']])
    follow('d')
    await quiet()
    queries[2]?.answer()
    await quiet()
    expect(outcomes.slice(3)).toEqual(['d found'])
  })
})

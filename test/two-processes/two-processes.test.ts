import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { kinds, type Kind } from './messages.ts'
import { startNode, type Node } from './node.ts'
import { lookAgain, run, type Outcome, type Pair, type Plan } from './run.ts'

/** Ends that meet a slow request; ADJOURN_RUNS sets how many. */
const RUNS = Number(process.env['ADJOURN_RUNS'] ?? 120)
const CLASSIC_RUNS = Math.max(40, Math.ceil(RUNS / 5))
const CONTROLS = 14
const AT_ONCE = 8
const TIMEOUT = { timeout: 30_000 + 100 * RUNS }

type Slow = Pick<Plan, 'action' | 'heldAt' | 'ending'>

const slowRequests = (['end', 'revokeAll'] as const).flatMap((ending): Slow[] => [
  ...(['save', 'update', 'rotate'] as const).flatMap((action) => [
    { action, heldAt: 'loaded' as const, ending },
    { action, heldAt: 'writing' as const, ending },
  ]),
  { action: 'read', heldAt: 'loaded', ending },
])
/** There is no other write than the one when a response ends, and no other end than of one session. */
const classicRequests: readonly Slow[] = [{ action: 'save', heldAt: 'loaded', ending: 'end' }]

const uri = inject('mongodbUri')
const database = `two-processes-${process.pid}`
const nodes = new Map<Kind, Node[]>(kinds.map((kind) => [kind, []]))

beforeAll(async () => {
  const starting = [...nodes].flatMap(([kind, started]) =>
    [0, 1].map(async () => started.push(await startNode(kind, uri, database))),
  )
  // Where one fails, the others are still to be known to afterAll.
  await Promise.allSettled(starting)
  await Promise.all(starting)
})

afterAll(async () => {
  await Promise.all([...nodes.values()].flat().map((node) => node[Symbol.asyncDispose]()))
  await using client = new MongoClient(uri)
  await client.db(database).dropDatabase()
})

/** Runs every combination in turn, several runs at once; when all are done, looks at each again. */
async function runAll(
  kind: Kind,
  orders: readonly Plan['order'][],
  times: number,
): Promise<Outcome[]> {
  const requests = kind === 'classic' ? classicRequests : slowRequests
  const combinations = requests.flatMap((slow) => orders.map((order) => ({ order, ...slow })))
  const [one, other] = nodes.get(kind) as [Node, Node]
  const planned = Array.from({ length: times }, (_, n): { plan: Plan; pair: Pair } => {
    const combination = combinations[n % combinations.length] as (typeof combinations)[number]
    const isSwapped = Math.floor(n / combinations.length) % 2 === 1
    return {
      plan: { kind, user: `${kind}-${orders.join('-')}-${n}`, ...combination },
      pair: isSwapped ? [other, one] : [one, other],
    }
  })
  const seen = await eachOf(planned, async ({ plan, pair }) => ({
    pair,
    outcome: await run(pair, plan),
  }))
  return eachOf(seen, ({ pair, outcome }) => lookAgain(pair, outcome))
}

async function eachOf<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const left = items.values()
  const results: R[] = []
  const work = async (): Promise<void> => {
    for (const item of left) results.push(await act(item))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return results
}

const undoneOf = (outcomes: readonly Outcome[]): Outcome[] =>
  outcomes.filter(({ undone }) => undone.length > 0)

const countOf = (outcomes: readonly Outcome[]): string =>
  `${undoneOf(outcomes).length} of ${outcomes.length}`

describe('two processes', () => {
  it('do not undo an end that meets a slow request on the other', TIMEOUT, async () => {
    const onExpress = await runAll('Express', ['after', 'together'], Math.ceil(RUNS / 2))
    const onHono = await runAll('Hono', ['after', 'together'], Math.floor(RUNS / 2))
    const ours = [...onExpress, ...onHono]
    const classic = await runAll('classic', ['after', 'together'], CLASSIC_RUNS)
    console.log(
      `undone after a logout elsewhere: Adjourn ${countOf(ours)}, ` +
        `express-session + connect-mongo ${countOf(classic)}`,
    )
    expect(undoneOf(ours)).toEqual([])
    expect([...ours, ...classic].flatMap(({ wrong }) => wrong)).toEqual([])
    expect(ours).toHaveLength(RUNS)
    // A test that could not see one that is undone would prove nothing.
    expect(undoneOf(classic).length).toBeGreaterThan(0)
  })

  it.each(kinds)('let a slow request finish that no end has met: %s', async (kind) => {
    const outcomes = await runAll(kind, ['before'], CONTROLS)
    expect(outcomes.flatMap(({ undone, wrong }) => [...undone, ...wrong])).toEqual([])
    expect(outcomes).toHaveLength(CONTROLS)
  })
})

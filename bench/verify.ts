/**
 * What it costs to ask whether a token's session is alive, against a real MongoDB, beside what its
 * signature costs: 32 at once, in turn, in CPU time of this process (the server has its own) and on
 * the clock. The read is what verification takes longer than it does where nobody is asked.
 *
 *     npm run bench:verify            prints the figures
 *     npm run bench:verify -- --check fails if a read takes more CPU time than a signature
 */
import { createSessions, type Sessions } from '@adjourn/core'
import { mongoStore } from '@adjourn/mongodb'
import { accessTokens, generateTokenKey, type TokenAlgorithm } from '@adjourn/tokens'
import { compactVerify, importJWK } from 'jose'
import { MongoClient } from 'mongodb'
import { startMongod } from '../tools/mongod.ts'

const CONCURRENCY = 32
const ROUNDS = 15
const PER_ROUND = 3200
const SESSIONS = 100

type Call = (index: number) => Promise<unknown>

/** The signature alone; verification without a look at the session; with it; and that look alone. */
interface Calls {
  readonly signature: Call
  readonly unasked: Call
  readonly whole: Call
  readonly read: Call
}

async function callsOf(sessions: Sessions, alg: TokenAlgorithm): Promise<Calls> {
  const keys = [await generateTokenKey({ alg })]
  const options = {
    issuer: 'https://app.example',
    audience: 'https://api.example',
    ttl: 3600,
    keys,
  }
  const tokens = accessTokens(sessions, options)
  const ids: string[] = []
  const issued = await Promise.all(
    Array.from({ length: SESSIONS }, async (_, index) => {
      const session = await sessions.load({
        header: () => undefined,
        headersSent: () => false,
        queue: () => {},
      })
      await session.create({ userId: `user ${index}` })
      ids[index] = session.id ?? ''
      return tokens.issue(session)
    }),
  )
  const details = await sessions.find(ids[0] ?? '')
  const unasked = accessTokens({ find: async () => details }, options)
  const [published] = (await tokens.jwks()).keys
  const publicKey = await importJWK({ ...published }, alg)
  const tokenOf = (index: number): string => issued[index % SESSIONS] ?? ''
  return {
    signature: (index) => compactVerify(tokenOf(index), publicKey, { algorithms: [alg] }),
    unasked: (index) => unasked.verify(tokenOf(index)),
    whole: (index) => tokens.verify(tokenOf(index)),
    read: (index) => {
      const user = index % SESSIONS
      return sessions.find(ids[user] ?? '', { userId: `user ${user}` })
    },
  }
}

/** Microseconds of one call, while 32 are always under way. */
interface Cost {
  readonly cpu: number
  readonly clock: number
}

async function time(call: Call): Promise<Cost> {
  let next = 0
  const before = process.cpuUsage()
  const start = performance.now()
  await Promise.all(
    Array.from({ length: CONCURRENCY }, async () => {
      while (next < PER_ROUND) await call(next++)
    }),
  )
  const clock = ((performance.now() - start) * 1000) / PER_ROUND
  const { user, system } = process.cpuUsage(before)
  return { cpu: (user + system) / PER_ROUND, clock }
}

/** The ratio of what the read costs to what the signature does, in CPU time. */
async function measure(alg: TokenAlgorithm, calls: Calls): Promise<number> {
  const names = ['signature', 'unasked', 'whole', 'read'] as const
  const rounds: Record<(typeof names)[number], Cost>[] = []
  for (let round = -1; round < ROUNDS; round++) {
    // Each first as often as last, so that a machine that slows down slows all.
    const costs: Partial<Record<string, Cost>> = {}
    const order = round % 2 === 0 ? names : names.toReversed()
    for (const name of order) costs[name] = await time(calls[name])
    if (round >= 0) rounds.push(costs as (typeof rounds)[number])
  }
  const figures = (unit: keyof Cost): number[] => {
    const of = (name: (typeof names)[number]): number =>
      median(rounds.map((costs) => costs[name][unit]))
    const added = of('whole') - of('unasked')
    return [of('signature'), of('whole'), added, of('read'), added / of('signature')]
  }
  for (const unit of ['cpu', 'clock'] as const) {
    const [signature = 0, whole = 0, added = 0, alone = 0, ratio = 0] = figures(unit)
    const columns = [signature, whole, added, alone].map((value) => value.toFixed(1).padStart(9))
    console.log(`${alg.padEnd(6)} ${unit.padEnd(6)}${columns.join(' ')}   ${ratio.toFixed(2)}`)
  }
  return figures('cpu').at(-1) ?? Number.NaN
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

async function main(): Promise<void> {
  const server = await startMongod({ replicaSet: 1, log: () => {} })
  const client = new MongoClient(server.uri)
  const db = client.db('bench_verify')
  try {
    const sessions = createSessions({
      secrets: 'the-secret-of-the-bench-of-tokens',
      store: mongoStore(db),
    })
    console.log(`Microseconds per token, ${CONCURRENCY} at once, medians of ${ROUNDS} rounds`)
    console.log('             signature     whole  its read read alone   its read / signature')
    const ratios: number[] = []
    for (const alg of ['EdDSA', 'ES256', 'RS256'] as const) {
      ratios.push(await measure(alg, await callsOf(sessions, alg)))
    }
    if (process.argv.includes('--check') && !ratios.every((ratio) => ratio < 1)) {
      process.exitCode = 1
    }
    await sessions.close()
  } finally {
    await db.dropDatabase()
    await client.close()
    await server.stop()
  }
}

await main()

/**
 * What it costs a token's verification to ask whether its session is alive, against a real MongoDB:
 * the signature alone and the whole, in turn, 32 at once.
 *
 *     npm run bench:verify            prints the figures
 *     npm run bench:verify -- --check fails if a read costs more than a signature
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

interface Subject {
  readonly alg: TokenAlgorithm
  readonly signature: (index: number) => Promise<unknown>
  readonly whole: (index: number) => Promise<unknown>
}

async function subjectOf(sessions: Sessions, alg: TokenAlgorithm): Promise<Subject> {
  const key = await generateTokenKey({ alg })
  const options = { issuer: 'https://app.example', audience: 'https://api.example', ttl: 3600 }
  const tokens = accessTokens(sessions, { ...options, keys: [key] })
  const issued = await Promise.all(
    Array.from({ length: SESSIONS }, async (_, index) => {
      const session = await sessions.load({
        header: () => undefined,
        headersSent: () => false,
        queue: () => {},
      })
      await session.create({ userId: `user ${index}` })
      return tokens.issue(session)
    }),
  )
  const [published] = (await tokens.jwks()).keys
  const publicKey = await importJWK({ ...published }, alg)
  const tokenOf = (index: number): string => issued[index % SESSIONS] ?? ''
  return {
    alg,
    signature: (index) => compactVerify(tokenOf(index), publicKey, { algorithms: [alg] }),
    whole: (index) => tokens.verify(tokenOf(index)),
  }
}

/** Microseconds of one call, while 32 are always under way. */
async function time(call: (index: number) => Promise<unknown>): Promise<number> {
  let next = 0
  const start = performance.now()
  await Promise.all(
    Array.from({ length: CONCURRENCY }, async () => {
      while (next < PER_ROUND) await call(next++)
    }),
  )
  return ((performance.now() - start) * 1000) / PER_ROUND
}

/** The ratio of what the read costs to what the signature does. */
async function measure({ alg, signature, whole }: Subject): Promise<number> {
  await time(signature)
  await time(whole)
  const rounds: { signature: number; whole: number }[] = []
  for (let round = 0; round < ROUNDS; round++) {
    // In turn, and each first as often as second, so that a machine that slows down slows both.
    const first = round % 2 === 0 ? await time(signature) : undefined
    const second = await time(whole)
    rounds.push({ signature: first ?? (await time(signature)), whole: second })
  }
  const alone = median(rounds.map((each) => each.signature))
  const both = median(rounds.map((each) => each.whole))
  const ratio = (both - alone) / alone
  const figures = [alone, both, both - alone].map((each) => each.toFixed(1).padStart(7))
  console.log(`${alg.padEnd(6)} ${figures.join(' ')}   ${ratio.toFixed(2)}`)
  return ratio
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
    console.log('       signature  whole   read   read / signature')
    const ratios: number[] = []
    for (const alg of ['EdDSA', 'ES256', 'RS256'] as const) {
      ratios.push(await measure(await subjectOf(sessions, alg)))
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

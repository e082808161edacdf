/** Hostile Cookie headers: a thousand or so here, a million in `npm run test:long`. */
import { memoryStore, type SessionEvent } from '@adjourn/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HEADERS } from './counts.ts'
import { createAttacker, gather } from './hostile.ts'
import { createWorld, NAME } from './world.ts'

/** Under as many secrets as `createWorld` has. */
const SECRETS = 2

const SEED = Number(process.env['ADJOURN_SEED'] ?? 8)

/** Counted where it happens: each seal that is tried under a secret is one MAC to verify. */
let verified = 0
/** Any work of the cipher's: deriving keys, hashing, decrypting. */
let worked = 0

const SUBTLE = ['verify', 'deriveKey', 'decrypt', 'digest', 'sign', 'encrypt'] as const

beforeEach(() => {
  for (const name of SUBTLE) {
    const real = (crypto.subtle[name] as (...given: unknown[]) => unknown).bind(crypto.subtle)
    const value = (...given: unknown[]): unknown => {
      worked++
      if (name === 'verify') verified++
      return real(...given)
    }
    Object.defineProperty(crypto.subtle, name, { value, configurable: true })
  }
})

afterEach(() => {
  for (const name of SUBTLE) Reflect.deleteProperty(crypto.subtle, name)
})

async function setUp() {
  const reasons = new Map<string, number>()
  const count = (event: SessionEvent): void => {
    if (event.type === 'rejected') reasons.set(event.reason, (reasons.get(event.reason) ?? 0) + 1)
  }
  const world = createWorld({ onEvent: count }, memoryStore())
  const honest = [await world.login('ann'), await world.login('bob'), await world.login('cy')]
  const good = honest.map(({ cookie }) => cookie.slice(NAME.length + 1))
  const loot = await gather(
    good,
    honest.map(({ id }) => id),
  )
  return { world, honest, reasons, attacker: createAttacker(loot, SEED) }
}

describe(`${HEADERS} hostile Cookie headers`, () => {
  it(
    'none is accepted; none costs more than one unseal a secret, nor a read unless it opens',
    { timeout: 60_000 + HEADERS * 3 },
    async () => {
      const { world, honest, reasons, attacker } = await setUp()
      const { load, store } = world
      const sent = new Map<string, number>()
      const started = performance.now()
      let told = started
      for (let count = 1; count <= HEADERS; count++) {
        const { kind, header } = attacker.next()
        sent.set(kind, (sent.get(kind) ?? 0) + 1)
        verified = 0
        const calls = store.calls.length
        const { session } = await load(header)
        const reads = store.calls.length - calls
        const isBounded = verified <= SECRETS && reads <= (kind === 'authentic' ? 1 : 0)
        if (session.active || !isBounded) {
          expect.fail(`${kind}: ${verified} unseals, ${reads} reads: ${JSON.stringify(header)}`)
        }
        if (performance.now() - told > 30_000) {
          told = performance.now()
          const seconds = (told - started) / 1000
          console.log(`${count} of ${HEADERS} headers, ${Math.round(count / seconds)} a second`)
        }
      }
      expect([...reasons.keys()].toSorted()).toEqual(
        ['expired', 'forged', 'malformed', 'stale-secret', 'unknown-secret'].toSorted(),
      )
      expect(sent.size).toBeGreaterThan(15)
      worked = 0
      for (const [at, userId] of ['ann', 'bob', 'cy'].entries()) {
        expect((await load(honest[at]?.cookie)).session.userId).toBe(userId)
      }
      // Remembered as they were: nobody has driven them out.
      expect(worked).toBe(0)
    },
  )

  it('many cookies of the name cost no unseal at all', async () => {
    const { world, honest } = await setUp()
    const cookie = honest[0]?.cookie ?? ''
    const forged = cookie.replace(/.{3}~2$/, 'AAA~2')
    worked = 0
    for (const many of [2, 10, 100]) {
      const { session } = await world.load(Array.from({ length: many }, () => forged).join('; '))
      expect(session.active).toBe(false)
    }
    expect(worked).toBe(0)
  })

  it('a value of more than 4096 characters, or a header of more than 65536, costs none', async () => {
    const { world, honest } = await setUp()
    const cookie = honest[0]?.cookie ?? ''
    const padded = (length: number): string =>
      `${cookie}; ${'x'.repeat(length - cookie.length - 2)}`
    expect((await world.load(padded(65_536))).session.userId).toBe('ann')
    worked = 0
    expect((await world.load(padded(65_537))).session.active).toBe(false)
    const long = cookie.replace(
      /\*([\w-]{64,})\*/,
      (_all, part: string) => `*${part.padEnd(4096, 'A')}*`,
    )
    expect((await world.load(long)).session.active).toBe(false)
    expect(worked).toBe(0)
  })

  it('a header that is too long is not answered with a cookie over the one that is in it', async () => {
    const { world, honest } = await setUp()
    const { session, setCookie } = await world.load(`${honest[0]?.cookie}; ${'x'.repeat(65_536)}`)
    session.data['n'] = 1
    await expect(session.save()).rejects.toMatchObject({ code: 'ERR_SESSION_ENDED' })
    expect(setCookie()).toBeUndefined()
    const headers = { cookie: 'x'.repeat(65_537) }
    expect((await world.sessions.diagnose({ headers })).findings).toMatchObject([
      { code: 'malformed' },
      {},
    ])
  })
})

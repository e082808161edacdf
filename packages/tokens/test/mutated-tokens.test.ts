import { createHmac } from 'node:crypto'
import { inspect } from 'node:util'
import { exportSPKI, importJWK, type CryptoKey } from 'jose'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { generateTokenKey, type TokenAlgorithm } from '../src/index.ts'
import { forge, partsOf, rejection, world, type World } from './support/access-world.ts'

const RUNS = { EdDSA: 4000, ES256: 3000, RS256: 3000 } as const

const encode = (text: string): string => Buffer.from(text).toString('base64url')

for (const alg of Object.keys(RUNS) as TokenAlgorithm[]) {
  describe(alg, () => {
    let at: World
    let token: string
    let forgeries: string[]

    beforeAll(async () => {
      at = await world({}, alg)
      token = await at.tokens.issue(await at.signIn())
      forgeries = await forgeriesOf(at, token)
    })

    const refused = async (given: unknown): Promise<void> => {
      const error = await rejection(at.tokens.verify(given))
      expect(error).toMatchObject({
        code: 'ERR_TOKEN_INVALID',
        reason: expect.any(String) as string,
      })
      expect(error.cause).toBeUndefined()
      const shown = inspect(error, { showHidden: true, depth: 9 }) + JSON.stringify(error)
      expect(shown).not.toContain(token.slice(-40))
    }

    it(`refuses ${RUNS[alg]} tokens that are not quite ours`, async () => {
      let tried = 0
      await fc.assert(
        fc.asyncProperty(
          mutation(() => token),
          async (mutated) => {
            if (mutated === token) return
            tried++
            await refused(mutated)
          },
        ),
        { numRuns: RUNS[alg] },
      )
      expect(tried).toBeGreaterThan(RUNS[alg] * 0.9)
      await at.tokens.verify(token)
    })

    it('refuses forgeries that need thought', async () => {
      for (const forged of forgeries) await refused(forged)
      expect(forgeries.length).toBeGreaterThan(20)
    })

    it('refuses every other ending of the signature that decodes to the same bytes', async () => {
      const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
      for (const last of alphabet) {
        if (!token.endsWith(last)) await refused(token.slice(0, -1) + last)
      }
    })

    it('refuses what is no token, whatever it is', async () => {
      const huge = 'x'.repeat(10_000_000)
      const things = [undefined, null, 0, 1n, true, {}, [token], new String(token), () => token]
      things.push(Symbol('token'), Buffer.from(token), { toString: () => token })
      const texts = ['', '.', '..', '...', `${token}.`, `.${token}`, ` ${token}`, `${token}\n`]
      texts.push(huge, `${token}${huge}`, 'a.'.repeat(4000), `${huge}.${huge}.${huge}`)
      for (const thing of [...things, ...texts]) await refused(thing)
    })
  })
}

/** A token with some of it changed. */
function mutation(token: () => string): fc.Arbitrary<string> {
  const at = fc.nat()
  return fc.oneof(
    // A bit of the text.
    fc
      .tuple(at, fc.nat(7))
      .map(([where, bit]) =>
        spliced(token(), where, 1, (old) => String.fromCharCode(old.charCodeAt(0) ^ (1 << bit))),
      ),
    // A bit of what a part says.
    fc.tuple(fc.nat(2), at, fc.nat(7)).map(([which, where, bit]) => {
      const parts = token().split('.')
      const bytes = Buffer.from(parts[which] ?? '', 'base64url')
      const index = where % bytes.length
      bytes[index] = (bytes[index] ?? 0) ^ (1 << bit)
      return parts.with(which, bytes.toString('base64url')).join('.')
    }),
    at.map((length) => token().slice(0, length % token().length)),
    at.map((length) => token().slice((length % token().length) + 1)),
    fc
      .tuple(at, fc.string({ unit: 'binary', maxLength: 20 }))
      .map(([where, added]) => spliced(token(), where, 0, () => added)),
    fc
      .tuple(at, fc.integer({ min: 1, max: 40 }))
      .map(([where, count]) => spliced(token(), where, count, () => '')),
    // Another header or other claims over the same signature.
    fc.tuple(fc.nat(1), fc.dictionary(fc.string(), fc.jsonValue())).map(([which, said]) => {
      const parts = token().split('.')
      const old = JSON.parse(Buffer.from(parts[which] ?? '', 'base64url').toString()) as object
      return parts.with(which, encode(JSON.stringify({ ...old, ...said, extra: 1 }))).join('.')
    }),
    fc.shuffledSubarray([0, 1, 2], { minLength: 0, maxLength: 3 }).map((order) => {
      const parts = token().split('.')
      return order.map((which) => parts[which]).join('.')
    }),
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc
      .array(fc.base64String({ maxLength: 60 }), { minLength: 3, maxLength: 3 })
      .map((parts) => parts.join('.')),
  )
}

function spliced(
  token: string,
  where: number,
  count: number,
  change: (old: string) => string,
): string {
  const start = where % token.length
  return (
    token.slice(0, start) + change(token.slice(start, start + count)) + token.slice(start + count)
  )
}

async function forgeriesOf({ key, tokens }: World, token: string): Promise<string[]> {
  const [, claims = '', signature = ''] = token.split('.')
  const { header } = partsOf(token)
  const [published] = (await tokens.jwks()).keys
  const under = (changed: object): string => encode(JSON.stringify({ ...header, ...changed }))
  const unsigned = ['none', 'None', 'NONE', 'nOnE', ''].flatMap((alg) => [
    `${under({ alg })}.${claims}.`,
    `${under({ alg })}.${claims}.${signature}`,
  ])
  const publicKey = (await importJWK({ ...published }, key.alg, { extractable: true })) as CryptoKey
  const pem = await exportSPKI(publicKey)
  const secrets = [pem, `${pem}\n`, JSON.stringify(published), published?.['x'] ?? '']
  const keyed = ['HS256', 'hs256', key.alg].flatMap((alg) =>
    secrets.map((secret) => {
      const input = `${under({ alg })}.${claims}`
      return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
    }),
  )
  const others = (['EdDSA', 'ES256', 'RS256'] as const).map(async (alg) => {
    const other = await generateTokenKey({ alg })
    const { d: _, ...jwk } = other
    const headers = [{ alg }, { alg, kid: other.kid }, { alg, jwk }, { alg, kid: other.kid, jwk }]
    return Promise.all(headers.map((said) => forge(other, token, { header: said })))
  })
  const types = ['JWT', 'logout+jwt', 'secevent+jwt', 'application/at+jwt', 'AT+JWT', '', null]
  const otherKinds = types.map((typ) => forge(key, token, { header: { typ } }))
  const empty = [`${under({})}.${claims}.AA`, `${under({})}.${claims}.${'A'.repeat(86)}`]
  return [
    ...unsigned,
    ...keyed,
    ...(await Promise.all(others)).flat(),
    ...(await Promise.all(otherKinds)),
    ...empty,
  ]
}

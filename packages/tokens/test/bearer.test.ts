import { SessionError } from '@adjourn/core'
import { describe, expect, it } from 'vitest'
import { readBearer } from '../src/bearer.ts'
import { tokenOf } from '../src/express.ts'
import { rejection, world } from './support/access-world.ts'

const MISSING = {
  status: 401,
  headers: { 'www-authenticate': 'Bearer realm="api"', 'cache-control': 'no-store' },
}
const MALFORMED = {
  status: 400,
  headers: { 'www-authenticate': 'Bearer realm="api", error="invalid_request"' },
}
const INVALID = {
  status: 401,
  headers: { 'www-authenticate': 'Bearer realm="api", error="invalid_token"' },
}

describe('readBearer', () => {
  it('takes a token, however the scheme is written', async () => {
    const { tokens, signIn } = await world()
    const token = await tokens.issue(await signIn('ann'))
    for (const header of [`Bearer ${token}`, `bearer ${token}`, `BEARER   ${token}`]) {
      const { token: found } = await readBearer(tokens, header)
      expect(found?.claims.sub).toBe('ann')
    }
  })

  it('says nothing of an error where no token has come', async () => {
    const { tokens } = await world()
    for (const header of [
      undefined,
      null,
      '',
      'Basic YTpi',
      'Bearerish x',
      'Digest a="b", c="d"',
    ]) {
      expect((await readBearer(tokens, header)).refusal).toEqual(MISSING)
    }
  })

  it('refuses a header that cannot be read, and two of them', async () => {
    const { tokens, signIn } = await world()
    const token = await tokens.issue(await signIn())
    const headers = [
      'Bearer',
      'Bearer ',
      `Bearer ${token} x`,
      `Bearer\t${token}`,
      `Bearer "${token}"`,
      `Bearer token=${token}&x=ö`,
      `Bearer ${token}, Bearer ${token}`,
      `Bearer ${token},Bearer ${token}`,
      `Basic YTpi, Bearer ${token}`,
      `Bearer ${token}, Basic YTpi`,
      `, Bearer ${token}`,
    ]
    for (const header of headers) {
      expect((await readBearer(tokens, header)).refusal, header).toMatchObject(MALFORMED)
    }
  })

  it('refuses a token that is not good, and does not say why', async () => {
    const { tokens, signIn } = await world()
    const session = await signIn()
    const token = await tokens.issue(session)
    await session.end()
    for (const header of [`Bearer ${token}`, 'Bearer x', `Bearer ${'x'.repeat(10_000)}`]) {
      expect((await readBearer(tokens, header)).refusal).toMatchObject(INVALID)
    }
  })

  it('passes on whatever else goes wrong', async () => {
    const { tokens, signIn, store } = await world()
    const token = await tokens.issue(await signIn())
    store.fail('read')
    const error = await rejection(readBearer(tokens, `Bearer ${token}`))
    expect(error).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE', status: 503 })
    for (const thrown of [new SessionError('ERR_CONFIG', 'x'), new TypeError('x'), undefined]) {
      const verify = (): Promise<never> => Promise.reject(thrown)
      expect(await rejection(readBearer({ verify }, 'Bearer x'))).toBe(thrown)
    }
  })
})

describe('tokenOf', () => {
  it('says what is missing where the middleware did not run', () => {
    expect(() => tokenOf({})).toThrow(
      expect.objectContaining({
        code: 'ERR_CONFIG',
        message: expect.stringMatching(/requireToken/) as string,
      }),
    )
  })
})

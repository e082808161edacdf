import { sealData } from 'iron-session'
import { describe, expect, it } from 'vitest'
import { hashSecret } from '../src/bytes.ts'
import { createSealer, type CookiePayload } from '../src/seal.ts'

const NEW = 'the-newest-secret-of-32-characters'
const OLD = 'an-older-secret-of-32-characters--'
const OLDEST = 'the-oldest-secret-of-32-characters'
const payload: CookiePayload = { id: 'i'.repeat(22), secret: 's'.repeat(43), groups: ['everyone'] }

async function sealed(secret = NEW): Promise<string> {
  return createSealer([secret]).seal(payload, 60)
}

// Another sealer than the one that sealed, which remembers what it has seen.
const open = (value: string, secrets: [string, ...string[]] = [NEW]) =>
  createSealer(secrets).open(value)

describe('the sealed cookie', () => {
  it('opens, and keeps the hash of the secret only', async () => {
    const opened = await open(await sealed())
    const { id, groups } = payload
    const secretHash = await hashSecret(payload.secret)
    expect(opened).toEqual({
      kind: 'opened',
      cookie: { isOutdated: false, id, groups, secretHash },
    })
    expect(JSON.stringify(opened)).not.toContain(payload.secret)
  })

  it('shows neither id nor secret nor groups', async () => {
    const value = await sealed()
    for (const hidden of [payload.id, payload.secret, 'everyone']) {
      expect(value).not.toContain(hidden)
      expect(value).not.toContain(btoa(hidden).replace(/=+$/, ''))
    }
  })

  it('opens under any of the secrets, also after the oldest is dropped', async () => {
    const value = await sealed(OLD)
    expect(await open(value, [NEW, OLD, OLDEST])).toMatchObject({ kind: 'opened' })
    expect(await open(value, [NEW, OLD])).toMatchObject({ kind: 'opened' })
    expect(await open(value, [NEW])).toEqual({ kind: 'rejected', reason: 'forged' })
  })

  it.each([7, 12])(
    'opens what was sealed under key id %i, and says when none of the secrets fits',
    async (keyId) => {
      const value = await sealData(payload, { password: { [keyId]: OLD }, ttl: 60 })
      expect(await open(value, [NEW, OLD])).toMatchObject({ kind: 'opened' })
      expect(await open(value, [NEW])).toEqual({ kind: 'rejected', reason: 'unknown-secret' })
    },
  )

  it('is malformed under a key id that is no number', async () => {
    const value = (await sealed()).replace('*1*', '*1a*')
    expect(await open(value)).toEqual({ kind: 'rejected', reason: 'malformed' })
  })

  it('is remembered once it has opened', async () => {
    const value = await sealed()
    const sealer = createSealer([NEW])
    expect(sealer.known(value)).toBeUndefined()
    const opened = await sealer.open(value)
    expect(opened).toEqual({ kind: 'opened', cookie: sealer.known(value) })
  })

  it('is malformed where it is larger than a browser keeps', async () => {
    const groups = Array.from({ length: 300 }, (_, at) => `tag:t${at}`)
    const value = await createSealer([NEW]).seal({ ...payload, groups }, 60)
    expect(value.length).toBeGreaterThan(4096)
    expect(await open(value)).toEqual({ kind: 'rejected', reason: 'malformed' })
  })

  it('gives its secrets back, the newer one first, and none where it does not open', async () => {
    const { secret } = payload
    const formerSecret = 'f'.repeat(43)
    const { seal, secretsOf } = createSealer([NEW, OLD])
    expect(await secretsOf(await sealed(OLD))).toEqual([secret])
    expect(await secretsOf(await seal({ ...payload, formerSecret }, 60))).toEqual([
      secret,
      formerSecret,
    ])
    const underSeven = await sealData(payload, { password: { 7: OLD }, ttl: 60 })
    expect(await secretsOf(underSeven)).toEqual([secret])
    expect(await secretsOf(await sealed(OLDEST))).toEqual([])
    expect(await secretsOf('forged')).toEqual([])
  })

  it('is expired when its own lifetime is over', async () => {
    const value = await createSealer([NEW]).seal(payload, -120)
    expect(await open(value)).toEqual({ kind: 'rejected', reason: 'expired' })
  })

  it('accepts one spelling only', async () => {
    const value = await sealed()
    const mac = value.slice(-45, -2)
    // The last character of 43 holds four bits; its neighbours decode to the same bytes.
    const twin = String.fromCharCode((mac.at(-1)?.charCodeAt(0) ?? 0) + 1)
    for (const other of [
      value.slice(0, -2),
      `${value.slice(0, -2)}~1`,
      `${value}~2`,
      `${value}x`,
      ` ${value}`,
      `"${value}"`,
      value.replaceAll('*', '%2A'),
      `${value.slice(0, -3)}${twin}~2`,
      `${value.slice(0, -2)}=~2`,
      value.replace('Fe26.2*1*', 'Fe26.2*01*'),
      '',
      'x'.repeat(5000),
    ]) {
      expect(await open(other), other.slice(-12)).toEqual({ kind: 'rejected', reason: 'malformed' })
    }
  })

  it('is refused with any one character changed', async () => {
    const value = await sealed()
    for (let at = 0; at < value.length; at++) {
      const changed = value[at] === 'a' ? 'b' : 'a'
      const forged = `${value.slice(0, at)}${changed}${value.slice(at + 1)}`
      expect(await open(forged), `at ${at}`).toMatchObject({ kind: 'rejected' })
    }
  })

  it.each([
    [{}],
    [{ ...payload, id: 5 }],
    [{ ...payload, id: 'epoch:user:x' }],
    [{ ...payload, id: [payload.id] }],
    [{ ...payload, id: `${payload.id}!` }],
    [{ ...payload, id: `!${payload.id}` }],
    [{ ...payload, secret: 'short' }],
    [{ ...payload, secret: [payload.secret] }],
    [{ ...payload, secret: `${payload.secret}!` }],
    [{ ...payload, secret: `!${payload.secret}` }],
    [{ ...payload, formerSecret: 'short' }],
    [{ ...payload, formerSecret: null }],
    [{ ...payload, groups: 'everyone' }],
    [{ ...payload, groups: [{ $ne: null }] }],
  ])('refuses the authentic but odd payload %j', async (odd) => {
    const value = await sealData(odd, { password: { 1: NEW }, ttl: 60 })
    expect(await open(value)).toEqual({ kind: 'rejected', reason: 'malformed' })
  })
})

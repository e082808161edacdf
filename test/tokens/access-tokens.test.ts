import { createSessions, type Sessions, type SessionStore } from '@adjourn/core'
import { faultyStore, manualClock, type FaultyStore, type ManualClock } from '@adjourn/core/testing'
import { accessTokens, generateTokenKey, type TokenKey } from '@adjourn/tokens'
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Listening } from '../conformance/bindings/listen.ts'
import { onEachStore } from '../conformance/bindings/stores.ts'
import { get } from '../support/http.ts'
import { apps, KEYS, type StartApp } from './token-apps.ts'

const SECRET = 'the-secret-of-the-token-tests-32'

const REFUSED = { status: 401, challenge: 'Bearer realm="api", error="invalid_token"' }

let keys: TokenKey[]

beforeAll(async () => {
  keys = [await generateTokenKey()]
})

for (const [framework, start] of apps) {
  describe(framework, () => {
    const database = `tokens-${framework.toLowerCase().replace(' ', '')}`
    onEachStore(database, (createStore) => cases(start, createStore))
  })
}

interface Device {
  readonly id: string
  readonly cookie: string
  readonly token: string
}

interface Answer {
  readonly status: number
  readonly challenge: string | undefined
  readonly body: string
}

function cases(start: StartApp, createStore: () => SessionStore): void {
  let clock: ManualClock
  let store: FaultyStore
  let sessions: Sessions[]
  let nodes: Listening[]

  beforeEach(async () => {
    clock = manualClock()
    store = faultyStore(createStore())
    sessions = [1, 2].map(() =>
      createSessions({ secrets: SECRET, store, clock, absoluteTimeout: 3600 }),
    )
    nodes = await Promise.all(
      sessions.map((each) => {
        const options = { issuer: 'https://app.example', audience: 'https://api.example' }
        return start(each, accessTokens(each, { ...options, keys, clock }))
      }),
    )
  })
  afterEach(async () => {
    store.restore()
    await Promise.all(nodes.map((node) => node.close()))
    await Promise.all(sessions.map((each) => each.close()))
  })

  const at = (node: number): string => nodes[node]?.at ?? ''

  async function signIn(user = 'ann'): Promise<Device> {
    const { body: id, setCookies } = await get(`${at(0)}/login?user=${user}`)
    const [cookie = ''] = (setCookies[0] ?? '').split(';')
    const { body: token } = await get(`${at(0)}/token`, { cookie })
    return { id, cookie, token }
  }

  const me = (node: number, ...authorization: string[]): Promise<Answer> =>
    ask(`${at(node)}/api/me`, authorization)

  async function both(token: string): Promise<Answer[]> {
    return [await me(0, `Bearer ${token}`), await me(1, `Bearer ${token}`)]
  }

  async function expectOver(...devices: Device[]): Promise<void> {
    for (const { token } of devices) {
      expect(await both(token)).toEqual([
        expect.objectContaining(REFUSED),
        expect.objectContaining(REFUSED),
      ])
    }
  }

  async function expectAlive({ token, id }: Device, sub = 'ann'): Promise<void> {
    const answer = { status: 200, challenge: undefined, body: JSON.stringify({ sub, sid: id }) }
    expect(await both(token)).toEqual([answer, answer])
  }

  it('is accepted on every node while its session is alive', async () => {
    await expectAlive(await signIn())
  })

  it('is refused everywhere right after its session has ended', async () => {
    const [one, other] = [await signIn(), await signIn()]
    await get(`${at(0)}/logout`, { cookie: one.cookie })
    await expectOver(one)
    await expectAlive(other)
  })

  it('is refused right after destroy', async () => {
    const [one, other] = [await signIn(), await signIn()]
    expect(await sessions[1]?.destroy(one.id)).toBe(true)
    await expectOver(one)
    await expectAlive(other)
  })

  it('is refused right after revokeAll, and a new one is not', async () => {
    const [one, other, bob] = [await signIn(), await signIn(), await signIn('bob')]
    await sessions[1]?.revokeAll('ann')
    await expectOver(one, other)
    await expectAlive(bob, 'bob')
    await expectAlive(await signIn())
  })

  it('is refused though the records are still there', async () => {
    const one = await signIn()
    store.fail('purge')
    await sessions[1]?.revokeAll('ann').catch(() => {})
    expect((await store.read(one.id, [])).record).toBeDefined()
    await expectOver(one)
  })

  it('is refused right after everybody was signed out', async () => {
    const devices = [await signIn(), await signIn('bob')]
    await sessions[1]?.revokeAll({ everyone: true })
    await expectOver(...devices)
  })

  it('is refused right after the user ended all other sessions', async () => {
    const [one, other] = [await signIn(), await signIn()]
    expect((await get(`${at(1)}/revoke-others`, { cookie: other.cookie })).body).toBe('done')
    await expectOver(one)
    await expectAlive(other)
  })

  it('expires, and never later than its session', async () => {
    const one = await signIn()
    clock.advance(304)
    await expectAlive(one)
    clock.advance(1)
    await expectOver(one)
    const last = await signIn('bob')
    clock.advance(3600 - 2)
    const { body: token } = await get(`${at(0)}/token`, { cookie: last.cookie })
    await expectAlive({ ...last, token }, 'bob')
    const claims = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()
    expect(JSON.parse(claims)).toMatchObject({ exp: clock.now() / 1000 + 2 })
    // Within the 5 seconds that clocks may differ by, but the session is over.
    clock.advance(2)
    await expectOver({ ...last, token })
  })

  it('is not given to who is not signed in', async () => {
    expect((await get(`${at(0)}/token`)).status).toBe(401)
    const { cookie } = await signIn()
    await get(`${at(0)}/logout`, { cookie })
    expect((await get(`${at(0)}/token`, { cookie })).status).toBe(401)
  })

  it('is neither accepted nor refused while the store fails', async () => {
    const one = await signIn()
    store.fail('read')
    const answers = await both(one.token)
    expect(answers.map(({ status, challenge }) => [status, challenge])).toEqual([
      [503, undefined],
      [503, undefined],
    ])
    store.restore()
    await expectAlive(one)
  })

  it('is asked for as RFC 6750 says, and taken from the header alone', async () => {
    const { token, cookie } = await signIn()
    const missing = { status: 401, challenge: 'Bearer realm="api"', body: '' }
    const malformed = {
      status: 400,
      challenge: 'Bearer realm="api", error="invalid_request"',
      body: '',
    }
    expect(await me(0)).toEqual(missing)
    expect(await me(0, 'Basic YTpi')).toEqual(missing)
    expect(await me(0, 'Bearer')).toEqual(malformed)
    expect(await me(0, `Bearer ${token}`, `Bearer ${token}`)).toEqual(malformed)
    expect(await me(0, `Bearer ${token}`, 'Bearer x')).toEqual(malformed)
    expect(await me(0, 'Bearer x')).toEqual({ ...REFUSED, body: '' })
    const url = `${at(0)}/api/me`
    expect(await ask(`${url}?access_token=${token}`, [])).toEqual(missing)
    expect((await get(url, { cookie })).status).toBe(401)
    const body = new URLSearchParams({ access_token: token })
    expect((await fetch(url, { method: 'POST', body })).status).toBe(401)
  })

  it('has its keys published without their private halves', async () => {
    const set = JSON.parse((await get(`${at(1)}${KEYS}`)).body) as { keys: object[] }
    const { kid, x } = keys[0] as TokenKey
    const key = { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', kid, x }
    expect(set).toEqual({ keys: [key] })
  })
}

/** `fetch` would join several headers of one name into one. */
async function ask(url: string, authorization: readonly string[]): Promise<Answer> {
  const headers = authorization.flatMap((value) => ['authorization', value])
  const sent = request(url, {
    headers: ['host', new URL(url).host, ...headers],
    agent: false,
  }).end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  return {
    status: response.statusCode ?? 0,
    challenge: response.headers['www-authenticate'],
    body: await text(response),
  }
}

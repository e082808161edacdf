import { createSessions, memoryStore } from '@adjourn/core'
import { manualClock, type ManualClock } from '@adjourn/core/testing'
import type { JSONWebKeySet } from 'jose'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { backchannelLogout, remoteKeys, type ProviderKeys } from '../src/index.ts'
import {
  CLIENT,
  ISSUER,
  keySet,
  logoutClaims,
  logoutRequest,
  providerKey,
  sign,
  type Claims,
  type ProviderKey,
} from './provider.ts'

const URL_OF_KEYS = 'https://provider.example/keys'

let [first, second, third]: ProviderKey[] = []
beforeAll(async () => {
  ;[first, second, third] = await Promise.all(['k1', 'k2', 'k3'].map((kid) => providerKey(kid)))
})

let clock: ManualClock
let published: JSONWebKeySet
let asked: number
/** Awaited by the endpoint of the keys before it answers. */
let answering: Promise<unknown>
let status: number
beforeEach(async () => {
  clock = manualClock()
  await publish(first)
  asked = 0
  answering = Promise.resolve()
  status = 200
})

/** A provider that names no key, neither in its set nor in its tokens. */
async function publish(...keys: (ProviderKey | undefined)[]): Promise<void> {
  const set = await keySet(...keys.filter((key) => key !== undefined))
  published = { keys: set.keys.map(({ kid: _kid, ...key }) => key) }
}

async function get(): Promise<Response> {
  asked += 1
  await answering
  return Response.json(published, { status })
}

/** Sends a logout token; resolves to what the endpoint makes of it. */
function receiver(
  jwks: ProviderKeys = remoteKeys(URL_OF_KEYS, { clock, fetch: get }),
): (key: ProviderKey | undefined, kid?: string, claims?: Claims) => Promise<string> {
  const sessions = createSessions({ store: memoryStore(), secrets: 'a'.repeat(32), clock })
  const logout = backchannelLogout(sessions, { issuer: ISSUER, clientId: CLIENT, jwks, clock })
  return async (key, kid, claims) => {
    if (key === undefined) throw new Error('No key')
    const token = await sign(key, logoutClaims(clock.now(), claims), { typ: 'logout+jwt', kid })
    const response = await logout(logoutRequest(token))
    if (response.status === 200) return 'done'
    return ((await response.json()) as { error: string }).error
  }
}

describe('a provider that names no keys', () => {
  test('may replace its key: tokens are accepted once the cooldown is over', async () => {
    const send = receiver()
    expect(await send(first)).toBe('done')
    await publish(second)
    clock.advance(29)
    expect(await send(second)).toBe('invalid_request')
    expect(asked).toBe(1)
    clock.advance(1)
    expect(await send(second)).toBe('done')
    expect(await send(first)).toBe('invalid_request')
    expect(asked).toBe(2)
  })

  test('may replace one of several', async () => {
    await publish(first, second)
    const send = receiver()
    expect([await send(first), await send(second)]).toEqual(['done', 'done'])
    await publish(second, third)
    clock.advance(30)
    expect([await send(third), await send(second)]).toEqual(['done', 'done'])
    expect(asked).toBe(2)
  })

  test('is asked once per cooldown, however many bad signatures come', async () => {
    const send = receiver()
    await send(first)
    for (let at = 0; at < 300; at++) {
      expect(await send(second)).toBe('invalid_request')
      clock.advance(1)
    }
    expect(asked).toBe(10)
  })

  test('is asked once by all who wait, and who comes as they are answered has the answer', async () => {
    const send = receiver()
    await send(first)
    await publish(second)
    clock.advance(30)
    let answer = (): void => {}
    answering = new Promise<void>((resolve) => {
      answer = resolve
    })
    const waiting = Array.from({ length: 5 }, () => send(second))
    await expect.poll(() => asked).toBe(2)
    answer()
    expect(await Promise.all(waiting)).toEqual(Array.from({ length: 5 }, () => 'done'))
    expect(asked).toBe(2)
  })

  test('is not judged while the endpoint fails: known keys go on, others may be new', async () => {
    const send = receiver()
    await send(first)
    await publish(second)
    status = 503
    clock.advance(30)
    expect(await send(second)).toBe('temporarily_unavailable')
    expect(await send(second)).toBe('temporarily_unavailable')
    expect(await send(first)).toBe('done')
    expect(asked).toBe(2)
    status = 200
    clock.advance(30)
    expect(await send(second)).toBe('done')
  })
})

test('a token that names its key is refused for its signature without another fetch', async () => {
  published = await keySet(...[first].filter((key) => key !== undefined))
  const send = receiver()
  expect(await send(first, 'k1')).toBe('done')
  clock.advance(30)
  expect(await send(second, 'k1')).toBe('invalid_request')
  expect(asked).toBe(1)
})

test('what is wrong with the claims of a good signature is no reason to fetch', async () => {
  const send = receiver()
  await send(first)
  clock.advance(30)
  expect(await send(first, undefined, { aud: 'another-client' })).toBe('invalid_request')
  expect(asked).toBe(1)
})

describe('a function of the app', () => {
  test('is asked once', async () => {
    let calls = 0
    const send = receiver(() => {
      calls += 1
      return first?.publicKey
    })
    expect([await send(first), await send(second)]).toEqual(['done', 'invalid_request'])
    expect(calls).toBe(2)
  })

  test('may offer to look again', async () => {
    let current = first
    const keys = Object.assign(() => current?.publicKey, {
      refresh: async () => {
        current = second
      },
    })
    const send = receiver(keys)
    expect([await send(first), await send(second)]).toEqual(['done', 'done'])
    expect(await send(third)).toBe('invalid_request')
    keys.refresh = () => Promise.reject(new Error('no network'))
    expect(await send(third)).toBe('temporarily_unavailable')
  })
})

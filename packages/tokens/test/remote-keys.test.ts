import { manualClock, type ManualClock } from '@adjourn/core/testing'
import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { remoteKeys, type RemoteKeysOptions } from '../src/index.ts'
import { keySet, providerKey, type ProviderKey } from './provider.ts'

let first: ProviderKey
let second: ProviderKey
beforeAll(async () => {
  first = await providerKey('k1')
  second = await providerKey('k2')
})

let server: Server
let url: string
let clock: ManualClock
let asked: number
let known: string
let answer: (response: ServerResponse) => void
beforeEach(async () => {
  clock = manualClock()
  asked = 0
  known = JSON.stringify(await keySet(first))
  answer = (response) => response.end(known)
  server = createServer((_request, response) => {
    asked += 1
    answer(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`
})
afterEach(async () => {
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
})

const UNAVAILABLE = 'The keys of the provider cannot be had'
const UNKNOWN = 'no applicable key found in the JSON Web Key Set'

/** Finds a key by its id, as often as asked. */
function finder(options: RemoteKeysOptions = {}): (kid: string) => Promise<unknown> {
  const keys = remoteKeys(url, { clock, ...options })
  return async (kid) => keys({ alg: 'ES256', kid })
}

async function serve(...keys: ProviderKey[]): Promise<void> {
  const set = JSON.stringify(await keySet(...keys))
  answer = (response) => response.end(set)
}

const fail = (status: number) => (response: ServerResponse) => {
  response.statusCode = status
  response.end(known)
}

describe('keys are fetched', () => {
  test('when first needed, once for all who wait, and kept', async () => {
    const find = finder()
    expect(asked).toBe(0)
    await Promise.all([find('k1'), find('k1'), find('k1')])
    clock.advance(599)
    await find('k1')
    expect(asked).toBe(1)
  })

  test('again once they are too old', async () => {
    const find = finder()
    await find('k1')
    await serve(second)
    clock.advance(600)
    await expect(find('k1')).rejects.toThrow(UNKNOWN)
    await find('k2')
    expect(asked).toBe(2)
  })

  test('again for a new key, but not within the cooldown', async () => {
    const find = finder()
    await find('k1')
    await serve(first, second)
    clock.advance(29)
    await expect(find('k2')).rejects.toThrow(UNKNOWN)
    expect(asked).toBe(1)
    clock.advance(1)
    await Promise.all([find('k2'), find('k2')])
    expect(asked).toBe(2)
  })

  test('not more often, however many made-up keys are asked for', async () => {
    const find = finder()
    for (let at = 0; at < 300; at++) {
      await expect(find(`made-up-${at}`)).rejects.toThrow(UNKNOWN)
      clock.advance(1)
    }
    expect(asked).toBe(10)
  })

  test('whatever a clock that is set back says', async () => {
    const find = finder()
    await find('k1')
    await serve(second)
    clock.advance(-86_400)
    await find('k2')
    expect(asked).toBe(2)
  })
})

describe('an endpoint that fails', () => {
  const huge = (response: ServerResponse): void => {
    response.write('{"keys":[],"more":"')
    const timer = setInterval(() => response.write('x'.repeat(64 * 1024)), 1)
    response.once('close', () => clearInterval(timer))
  }
  const FAILURES: Record<string, (response: ServerResponse) => void> = {
    'with 500': fail(500),
    'with 404': fail(404),
    'with 204': fail(204),
    'with garbage': (response) => response.end('<html>'),
    'with other JSON': (response) => response.end('{"keys":1}'),
    'with null': (response) => response.end('null'),
    'with a body without end': huge,
    'by breaking off': (response) => {
      response.write('{"keys"')
      setTimeout(() => response.destroy(), 5)
    },
    'by a redirect': (response) => {
      if (asked > 1) return void response.end(known)
      response.writeHead(302, { location: '/elsewhere' })
      response.end()
    },
  }
  test.each(Object.entries(FAILURES))(
    '%s says nothing of the token, and is left alone',
    async (_name, how) => {
      answer = how
      // Longer than this test may take: it is not the time limit that stops what has no end.
      const find = finder({ timeout: 60 })
      await expect(find('k1')).rejects.toThrow(UNAVAILABLE)
      for (let at = 1; at < 30; at++) {
        clock.advance(1)
        await expect(find('k1')).rejects.toThrow(UNAVAILABLE)
      }
      expect(asked).toBe(1)
      await serve(first)
      clock.advance(1)
      await find('k1')
      expect(asked).toBe(2)
    },
  )

  test('by never answering, or never ending its answer, is not waited for', async () => {
    for (const silent of [() => {}, (response: ServerResponse) => void response.write('{')]) {
      answer = silent
      const find = finder({ timeout: 0.05 })
      await expect(find('k1')).rejects.toThrow(UNAVAILABLE)
    }
  })

  test('nor is a fetch that does not heed its signal', async () => {
    const find = finder({ timeout: 0.05, fetch: () => new Promise<Response>(() => {}) })
    await expect(find('k1')).rejects.toThrow(UNAVAILABLE)
  })

  test('leaves known keys in use, for a bounded time, and is tried again meanwhile', async () => {
    const find = finder({ maxAge: 100, staleIfError: 100 })
    await find('k1')
    answer = fail(503)
    for (const seconds of [100, 29, 1, 69]) {
      clock.advance(seconds)
      await find('k1')
    }
    expect(asked).toBe(4)
    clock.advance(1)
    await expect(find('k1')).rejects.toThrow(UNAVAILABLE)
    await serve(first)
    clock.advance(30)
    await find('k1')
  })

  test('may have the key that is not known: no verdict, until it answers', async () => {
    const find = finder()
    await find('k1')
    answer = fail(503)
    clock.advance(30)
    await expect(find('k2')).rejects.toThrow(UNAVAILABLE)
    await expect(find('k2')).rejects.toThrow(UNAVAILABLE)
    await find('k1')
    expect(asked).toBe(2)
    await serve(first, second)
    clock.advance(30)
    await find('k2')
  })
})

test('options that are wrong are all named', () => {
  const wrong = { timeout: 0, cooldown: '30', retries: 3 } as unknown as RemoteKeysOptions
  expect(() => remoteKeys(url, wrong)).toThrow(
    'timeout must be a number of seconds above 0; cooldown must be a number of seconds above 0; ' +
      'retries is not an option.',
  )
})

test('an injected fetch is asked for the address', async () => {
  const set = await keySet(first)
  const calls: string[] = []
  const keys = remoteKeys('https://provider.example/keys', {
    clock,
    fetch: async (at, { redirect }) => {
      calls.push(`${at} ${redirect}`)
      return Response.json(set)
    },
  })
  await keys({ alg: 'ES256', kid: 'k1' })
  expect(calls).toEqual(['https://provider.example/keys manual'])
})

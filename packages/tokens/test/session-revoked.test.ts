import { createSessions, memoryStore, type SessionStore } from '@adjourn/core'
import { faultyStore, manualClock } from '@adjourn/core/testing'
import * as fc from 'fast-check'
import { UnsecuredJWT, base64url } from 'jose'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { sessionRevoked, type SessionRevokedOptions, type Subject } from '../src/index.ts'
import { ISSUER, keySet, providerKey, sign, type Claims, type ProviderKey } from './provider.ts'

const AUDIENCE = 'https://app.example'
const REVOKED = 'https://schemas.openid.net/secevent/caep/event-type/session-revoked'
const VERIFICATION = 'https://schemas.openid.net/secevent/ssf/event-type/verification'
const typ = 'secevent+jwt'
const ANN = { format: 'iss_sub', iss: ISSUER, sub: 'ann-there' }

let key: ProviderKey
let foreign: ProviderKey
let jwks: Awaited<ReturnType<typeof keySet>>
beforeAll(async () => {
  key = await providerKey('k1', 'RS256')
  foreign = await providerKey('k1', 'RS256')
  jwks = await keySet(key)
})

const clock = manualClock()
const now = (): number => Math.floor(clock.now() / 1000)

const eventClaims = (claims: Claims = {}): Claims => ({
  iss: ISSUER,
  aud: AUDIENCE,
  iat: now(),
  jti: crypto.randomUUID(),
  sub_id: ANN,
  events: { [REVOKED]: {} },
  ...claims,
})
const token = (claims: Claims = {}): Promise<string> => sign(key, eventClaims(claims), { typ })

function push(body: BodyInit, init: RequestInit = {}): Request {
  return new Request('https://app.example/events', {
    method: 'POST',
    headers: { 'content-type': 'application/secevent+jwt', accept: 'application/json' },
    body,
    ...init,
  })
}

function setUp(options: Partial<SessionRevokedOptions> = {}, store: SessionStore = memoryStore()) {
  const sessions = createSessions({ store, secrets: 'a-secret-of-these-tests-of-32-chars', clock })
  const errors: unknown[] = []
  const receive = sessionRevoked(sessions, {
    issuer: ISSUER,
    audience: AUDIENCE,
    jwks,
    clock,
    onError: (error) => errors.push(error),
    ...options,
  })
  async function signIn(userId: string, subject = `${userId}-there`) {
    const session = await sessions.load({
      header: () => undefined,
      headersSent: () => false,
      queue: () => {},
    })
    await session.create({ userId, federation: { issuer: ISSUER, subject } })
    const { id = '' } = session
    return { id, isAlive: async () => (await sessions.find(id)) !== undefined }
  }
  return { receive, signIn, errors }
}

async function refusal(response: Response): Promise<string> {
  expect(response.status).toBe(400)
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(response.headers.get('content-type')).toBe('application/json')
  const { err, description } = (await response.json()) as { err: string; description: string }
  expect(description).not.toBe('')
  return err
}

async function accepted(response: Response): Promise<void> {
  expect([response.status, await response.text()]).toEqual([202, ''])
  expect(response.headers.get('cache-control')).toBe('no-store')
}

describe('an event', () => {
  test('ends all sessions of an iss_sub, and of nobody else', async () => {
    const { receive, signIn, errors } = setUp()
    const [one, two, bob] = [await signIn('ann'), await signIn('ann'), await signIn('bob')]
    await accepted(await receive(push(await token())))
    expect([await one.isAlive(), await two.isAlive(), await bob.isAlive()]).toEqual([
      false,
      false,
      true,
    ])
    expect(errors).toEqual([])
  })

  test('about a user as the only member of a complex subject does the same', async () => {
    const { receive, signIn } = setUp()
    const session = await signIn('ann')
    await accepted(await receive(push(await token({ sub_id: { format: 'complex', user: ANN } }))))
    expect(await session.isAlive()).toBe(false)
  })

  test.each<[string, unknown, string]>([
    ['another issuer', { ...ANN, iss: 'https://other.example' }, 'iss_sub of another issuer'],
    ['an opaque id', { format: 'opaque', id: 'x-secret' }, 'opaque'],
    ['an address', { format: 'email', email: 'x-secret@example.com' }, 'email'],
    ['another format', { format: 'jwt_id', iss: ISSUER, jti: 'x-secret' }, 'jwt_id'],
    ['an unknown format', { format: 'new', of: 'x-secret' }, 'new'],
    ['a format that is no name', { format: 'x-secret\n2026 INFO ok' }, 'an unknown format'],
    [
      'one session of a user',
      { format: 'complex', user: ANN, session: { format: 'opaque', id: 'x-secret' } },
      'complex',
    ],
    ['a device', { format: 'complex', device: { format: 'opaque', id: 'x-secret' } }, 'complex'],
    [
      'a user of another issuer',
      { format: 'complex', user: { ...ANN, iss: 'https://other.example' } },
      'iss_sub of another issuer',
    ],
  ])('about %s ends none by default, is acknowledged, and told', async (_name, sub_id, what) => {
    const { receive, signIn, errors } = setUp()
    const session = await signIn('ann')
    const text = await token({ sub_id })
    await accepted(await receive(push(text)))
    await accepted(await receive(push(text)))
    expect(await session.isAlive()).toBe(true)
    expect(errors).toEqual([
      new Error(`The event was about a subject that the default mapping does not know: ${what}`),
    ])
  })

  test('about somebody who is not signed in is no news', async () => {
    const { receive, errors } = setUp()
    await accepted(await receive(push(await token({ sub_id: { ...ANN, sub: 'unknown' } }))))
    expect(errors).toEqual([])
  })

  test('that the app takes for none of its sessions is no news', async () => {
    const { receive, errors } = setUp({ resolve: () => undefined })
    await accepted(await receive(push(await token())))
    expect(errors).toEqual([])
  })

  test('whose time is none ends them all the same', async () => {
    for (const event_timestamp of ['x', '1700000000', 1e300, null, {}]) {
      const seen: unknown[] = []
      const { receive, signIn, errors } = setUp({
        resolve: (_subject, event) => {
          seen.push(event)
          return 'ann'
        },
      })
      const session = await signIn('ann')
      await accepted(
        await receive(push(await token({ events: { [REVOKED]: { event_timestamp } } }))),
      )
      expect(seen).toEqual([{ eventTimestamp: undefined, initiatingEntity: undefined }])
      expect(await session.isAlive()).toBe(false)
      expect(errors).toEqual([])
    }
  })

  test('is what the app makes of it', async () => {
    const seen: unknown[] = []
    const { receive, signIn } = setUp({
      resolve: async (subject, event) => {
        seen.push([subject, event])
        if (subject.format === 'opaque') return { sessionId: subject.id }
        if (subject.format === 'email')
          return subject.email === 'bob@example.com' ? 'bob' : undefined
        if (subject.format === 'complex' && subject.tenant?.format === 'opaque') {
          return { tag: `org:${subject.tenant.id}` }
        }
        return undefined
      },
    })
    const [ann, anns, bob] = [await signIn('ann'), await signIn('ann'), await signIn('bob')]
    const opaque = { format: 'opaque', id: ann.id }
    const events = {
      [REVOKED]: {
        event_timestamp: 1_700_000_000,
        initiating_entity: 'admin',
        reason_admin: { en: 'x' },
      },
    }
    await accepted(await receive(push(await token({ sub_id: opaque, events }))))
    expect([await ann.isAlive(), await anns.isAlive()]).toEqual([false, true])
    expect(seen).toEqual([
      [opaque, { eventTimestamp: new Date(1_700_000_000_000), initiatingEntity: 'admin' }],
    ])
    await accepted(
      await receive(push(await token({ sub_id: { format: 'email', email: 'x@y.z' } }))),
    )
    expect(await bob.isAlive()).toBe(true)
    const email = { format: 'email', email: 'bob@example.com' }
    await accepted(await receive(push(await token({ sub_id: email }))))
    expect(await bob.isAlive()).toBe(false)
    const tenant = { format: 'complex', tenant: { format: 'opaque', id: 'acme' } }
    await accepted(await receive(push(await token({ sub_id: tenant }))))
    expect(await anns.isAlive()).toBe(true)
    await accepted(await receive(push(await token({ sub_id: ANN }))))
    expect(await anns.isAlive()).toBe(true)
  })

  test('is discarded with a critical member that nobody understands', async () => {
    const seen: Subject[] = []
    const { receive, errors } = setUp({
      criticalMembers: ['tenant', 'user', 'quantum'],
      resolve: (subject) => void seen.push(subject),
    })
    const opaque = { format: 'opaque', id: 'x' }
    for (const member of ['tenant', 'quantum']) {
      const sub_id = { format: 'complex', user: ANN, [member]: opaque }
      await accepted(await receive(push(await token({ sub_id }))))
    }
    expect(seen).toEqual([])
    expect(errors).toEqual(
      ['tenant', 'quantum'].map(
        (member) =>
          new Error(`The event was discarded: nobody understands its critical member ${member}`),
      ),
    )
    const harmless = { format: 'complex', user: ANN, device: opaque, note: 'x' }
    await accepted(await receive(push(await token({ sub_id: harmless }))))
    expect(seen).toEqual([harmless])

    const wiser = setUp({
      criticalMembers: ['tenant'],
      understood: ['tenant'],
      resolve: (subject) => void seen.push(subject),
    })
    const sub_id = { format: 'complex', tenant: opaque }
    await accepted(await wiser.receive(push(await token({ sub_id }))))
    expect(seen).toHaveLength(2)
  })

  test.each([VERIFICATION, VERIFICATION.replace('verification', 'stream-updated')])(
    'about the stream is acknowledged: %s',
    async (type) => {
      const seen: unknown[] = []
      const { receive } = setUp({ resolve: (subject) => void seen.push(subject) })
      const sub_id = { format: 'opaque', id: 'stream' }
      await accepted(
        await receive(push(await token({ sub_id, events: { [type]: { state: 'x' } } }))),
      )
      expect(seen).toEqual([])
    },
  )

  test('is done once, and acknowledged whenever it comes', async () => {
    const { receive, signIn } = setUp()
    const text = await token()
    await accepted(await receive(push(text)))
    const session = await signIn('ann')
    await accepted(await receive(push(text)))
    clock.advance(86_400)
    await accepted(await receive(push(text)))
    expect(await session.isAlive()).toBe(false) // its absolute timeout
    clock.advance(-86_400)
    expect(await session.isAlive()).toBe(true)
  })
})

const BROKEN: Record<string, [string, () => Promise<string>]> = {
  nothing: ['request', async () => ''],
  garbage: ['request', async () => 'a.b.c'],
  'no signature': ['key', async () => new UnsecuredJWT(eventClaims()).encode()],
  'a key of somebody else': ['key', () => sign(foreign, eventClaims(), { typ })],
  'an unknown key': ['key', () => sign(key, eventClaims(), { typ, kid: 'k9' })],
  'no type': ['request', () => sign(key, eventClaims())],
  'another type': ['request', () => sign(key, eventClaims(), { typ: 'logout+jwt' })],
  'no iss': ['issuer', () => token({ iss: undefined })],
  'another iss': ['issuer', () => token({ iss: 'https://other.example' })],
  'no aud': ['audience', () => token({ aud: undefined })],
  'another aud': ['audience', () => token({ aud: ['x'] })],
  'no iat': ['request', () => token({ iat: undefined })],
  'an iat in the future': ['request', () => token({ iat: now() + 61 })],
  'an iat too long ago': ['request', () => token({ iat: now() - 86_461 })],
  'no jti': ['request', () => token({ jti: undefined })],
  'an empty jti': ['request', () => token({ jti: '' })],
  'a sub': ['request', () => token({ sub: 'ann-there' })],
  'an exp': ['request', () => token({ exp: now() + 100 })],
  'no events': ['request', () => token({ events: undefined })],
  'empty events': ['request', () => token({ events: {} })],
  'two events': ['request', () => token({ events: { [REVOKED]: {}, [VERIFICATION]: {} } })],
  'another event': ['request', () => token({ events: { [`${REVOKED}-not`]: {} } })],
  'an event that is no object': ['request', () => token({ events: { [REVOKED]: null } })],
  ...Object.fromEntries(
    Object.entries({
      'no subject': undefined,
      'a subject that is a string': 'ann',
      'a subject without format': { iss: ISSUER, sub: 'ann-there' },
      'an iss_sub without sub': { format: 'iss_sub', iss: ISSUER },
      'an iss_sub without iss': { format: 'iss_sub', sub: 'ann-there' },
      'an opaque without id': { format: 'opaque', id: 7 },
      'an email without address': { format: 'email' },
      'a complex subject of nothing': { format: 'complex' },
      'a complex subject with a string': { format: 'complex', user: ANN, session: 's1' },
      'a complex subject in another': { format: 'complex', user: { format: 'complex', user: ANN } },
      'a sub longer than any session has': { ...ANN, sub: 'x'.repeat(2001) },
    }).map(([name, sub_id]) => [name, ['request', () => token({ sub_id })]] as const),
  ),
}

describe('an event is refused, and nobody signed out', () => {
  test.each(Object.entries(BROKEN))('with %s', async (_name, [about, make]) => {
    const { receive, signIn, errors } = setUp()
    const session = await signIn('ann')
    expect(await refusal(await receive(push(await make())))).toBe(`invalid_${about}`)
    expect(await session.isAlive()).toBe(true)
    expect(errors).toHaveLength(1)
  })

  test.each<[string, (text: string) => Request]>([
    ['GET', () => new Request('https://app.example/events')],
    ['another type', (text) => push(text, { headers: { 'content-type': 'application/jwt' } })],
    ['no type', (text) => push(new TextEncoder().encode(text), { headers: {} })],
    ['more than fits', (text) => push(text + 'x'.repeat(64 * 1024))],
  ])('as a request with %s', async (_name, make) => {
    const { receive } = setUp()
    expect(await refusal(await receive(make(await token())))).toBe('invalid_request')
  })

  test('whatever it holds', async () => {
    const { receive } = setUp()
    const part = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json().map((text) => base64url.encode(text)),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 6 }), async (parts) => {
        await refusal(await receive(push(parts.join('.'))))
      }),
    )
  })

  test('whatever its claims are, if they are signed', async () => {
    const { receive } = setUp()
    const value = fc.jsonValue()
    const claims = fc.record({
      sub_id: value,
      events: fc.oneof(value, fc.record({ [REVOKED]: value })),
      jti: value,
    })
    await fc.assert(
      fc.asyncProperty(claims, async (given) => {
        const { status } = await receive(push(await token(given)))
        expect([202, 400]).toContain(status)
      }),
      { numRuns: 50 },
    )
  })
})

describe('the Authorization header', () => {
  const authorization = 'Bearer a-secret-of-the-stream'
  test.each([undefined, 'Bearer another', 'bearer a-secret-of-the-stream', `${authorization}x`])(
    'that is %s is refused before anything is read',
    async (given) => {
      const { receive } = setUp({ authorization })
      const request = push(await token())
      if (given !== undefined) request.headers.set('authorization', given)
      const response = await receive(request)
      expect(response.status).toBe(400)
      expect(response.headers.get('www-authenticate')).toBeNull()
      const text = await response.text()
      expect(JSON.parse(text)).toMatchObject({ err: 'authentication_failed' })
      expect(text).not.toContain('secret')
      expect(request.bodyUsed).toBe(false)
    },
  )

  test('that is a bare key is not shown to who does not have it', async () => {
    const { receive } = setUp({ authorization: 'a-secret-without-a-scheme' })
    const response = await receive(push(await token()))
    const shown = [...response.headers].flat().join(' ') + (await response.text())
    expect(shown).not.toContain('without-a-scheme')
  })

  test('that was agreed on is let in', async () => {
    const { receive } = setUp({ authorization })
    const request = push(await token())
    request.headers.set('authorization', authorization)
    await accepted(await receive(request))
  })
})

describe('what fails is to be sent again', () => {
  async function unavailable(response: Response): Promise<void> {
    expect([response.status, await response.text()]).toEqual([503, ''])
    expect(response.headers.get('cache-control')).toBe('no-store')
  }

  test('where the store fails', async () => {
    const store = faultyStore(memoryStore())
    const { receive, signIn, errors } = setUp({}, store)
    const session = await signIn('ann')
    const text = await token()
    store.fail('revoke', { times: 1 })
    await unavailable(await receive(push(text)))
    expect(errors[0]).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
    await accepted(await receive(push(text)))
    expect(await session.isAlive()).toBe(false)
  })

  test('also to whoever sends the same meanwhile: nothing is done yet', async () => {
    let fail = (): void => {}
    const outage = new Promise<undefined>((_resolve, reject) => {
      fail = () => reject(new Error('outage'))
    })
    let calls = 0
    const { receive } = setUp({
      resolve: ({ format }) => {
        if (format !== 'iss_sub') return undefined
        calls += 1
        return outage
      },
    })
    const text = await token()
    const first = receive(push(text))
    await vi.waitUntil(() => calls === 1)
    let answered = false
    const second = receive(push(text)).finally(() => {
      answered = true
    })
    // It takes the same way, and is through.
    const other = await token({ sub_id: { format: 'opaque', id: 'x' } })
    for (let at = 0; at < 3; at++) await accepted(await receive(push(other)))
    expect([calls, answered]).toEqual([1, false])
    fail()
    await unavailable(await first)
    await unavailable(await second)
  })

  test.each([
    ['throws', () => Promise.reject(new Error('of the app'))],
    ['answers nonsense', () => ({ user: 'ann' }) as unknown as string],
  ])('where resolve %s', async (_name, resolve) => {
    const { receive } = setUp({ resolve })
    const text = await token()
    await unavailable(await receive(push(text)))
    await unavailable(await receive(push(text)))
  })

  test('where the keys cannot be had', async () => {
    const { receive } = setUp({ jwks: () => Promise.reject(new Error('no network')) })
    await unavailable(await receive(push(await token())))
  })
})

test('a body that was read before is the mistake of the app', async () => {
  const { receive } = setUp()
  const request = push(await token())
  await request.text()
  await expect(receive(request)).rejects.toMatchObject({ code: 'ERR_CONFIG' })
})

test('options that are wrong are all named', () => {
  const sessions = createSessions({ store: memoryStore(), secrets: 'a'.repeat(32) })
  const wrong = {
    issuer: 1,
    criticalMembers: 'user',
    subject: 'x',
  } as unknown as SessionRevokedOptions
  expect(() => sessionRevoked(sessions, wrong)).toThrow(
    'audience is missing; jwks is missing; issuer must be a non-empty string; ' +
      'criticalMembers must be an array of non-empty strings; subject is not an option.',
  )
})

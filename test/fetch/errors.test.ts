import { createSessions, memoryStore, type SessionError } from '@adjourn/core'
import { faultyStore, manualClock } from '@adjourn/core/testing'
import { sessionOf, withSession } from '@adjourn/fetch'
import { beforeEach, describe, expect, it, vi, type MockInstance } from 'vitest'

const ISSUED = /^__Host-session=Fe26/
const store = faultyStore(memoryStore())
const sessions = createSessions({ store, secrets: 'the-secret-of-the-fetch-tests-000' })
const request = (cookie = ''): Request =>
  new Request('https://app.example/', { headers: { cookie } })

async function cookieOfLogin(): Promise<string> {
  const login = withSession(sessions, async (_request, session) => {
    await session.create({ userId: 'ann' })
    return new Response()
  })
  const [set] = (await login(request())).headers.getSetCookie()
  return set?.split(';')[0] ?? ''
}

let warned: MockInstance

beforeEach(() => {
  warned = vi.spyOn(console, 'warn').mockReturnValue()
  store.restore()
})

describe('an error of the handler', () => {
  const error = Object.assign(new Error('NEXT_REDIRECT'), {
    digest: 'NEXT_REDIRECT;replace;/;307;',
  })

  it('is thrown on as it is where no cookie waits', async () => {
    const app = withSession(sessions, () => {
      throw error
    })
    await expect(app(request())).rejects.toBe(error)
    expect(warned).not.toHaveBeenCalled()
  })

  it('is a 500 with the cookie where one waits, and in development a warning', async () => {
    const app = withSession(sessions, async (_request, session) => {
      await session.create()
      throw error
    })
    const response = await app(request())
    expect(response.status).toBe(500)
    expect(await response.text()).toBe('Internal Server Error')
    expect(response.headers.getSetCookie()).toEqual([expect.stringMatching(ISSUED)])
    expect(warned.mock.calls.flat()).toEqual([
      expect.stringContaining('give withSession an onError'),
    ])
  })

  it('is for onError, with what the handler got', async () => {
    const onError = vi.fn((_error: unknown, _request: Request, name: string) =>
      Response.json({ name }),
    )
    const app = withSession(
      sessions,
      (_request, _session, _name: string) => {
        throw error
      },
      { onError },
    )
    const asked = request()
    expect(await (await app(asked, 'ann')).json()).toEqual({ name: 'ann' })
    expect(onError).toHaveBeenCalledWith(error, asked, 'ann')
    expect(warned).not.toHaveBeenCalled()
  })

  it('of a handler that answers with nothing is a 500 with the cookie', async () => {
    const app = withSession(sessions, async (_request, session) => {
      await session.create()
      return undefined as unknown as Response
    })
    const response = await app(request())
    expect(response.status).toBe(500)
    expect(response.headers.getSetCookie()).toEqual([expect.stringMatching(ISSUED)])
  })

  it('leaves the cookie on a response whose body somebody is reading', async () => {
    const app = withSession(sessions, async (_request, session) => {
      await session.create()
      const response = new Response('ok')
      response.body?.getReader()
      return response
    })
    const response = await app(request())
    expect(response.status).toBe(500)
    expect(response.headers.getSetCookie()).toEqual([expect.stringMatching(ISSUED)])
  })

  it('says nothing of a body that has been read, but keeps all cookies', async () => {
    const app = withSession(sessions, async (_request, session) => {
      await session.create()
      const response = new Response('ok', {
        headers: { 'content-length': '2', 'cache-control': 'public', 'set-cookie': 'a=1' },
      })
      await response.text()
      return response
    })
    const { headers } = await app(request())
    expect([...headers.keys()]).toEqual(['cache-control', 'set-cookie', 'set-cookie'])
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.getSetCookie()).toEqual(['a=1', expect.stringMatching(ISSUED)])
  })

  it('that only has the name of ours is a 500 with the cookie', async () => {
    const app = withSession(sessions, async (_request, session) => {
      await session.create()
      throw Object.assign(new Error('on purpose'), { name: 'SessionError' })
    })
    const response = await app(request())
    expect(response.status).toBe(500)
    expect(response.headers.getSetCookie()).toEqual([expect.stringMatching(ISSUED)])
  })
})

describe('a store that fails', () => {
  it('is a 503 that leaves the cookie; the handler does not run', async () => {
    const handler = vi.fn(() => new Response())
    const cookie = await cookieOfLogin()
    store.fail('all')
    const response = await withSession(sessions, handler)(request(cookie))
    expect(response.status).toBe(503)
    expect(response.headers.getSetCookie()).toEqual([])
    expect(handler).not.toHaveBeenCalled()
  })

  it('is for onError, if there is one', async () => {
    const cookie = await cookieOfLogin()
    store.fail('all')
    const onError = (error: unknown): Response =>
      new Response((error as SessionError).code, { status: 503 })
    const app = withSession(sessions, () => new Response(), { onError })
    expect(await (await app(request(cookie))).text()).toBe('ERR_STORE_UNAVAILABLE')
  })

  it('and is of another copy of the package is a 503 all the same', async () => {
    const foreign = Object.assign(new Error('on purpose'), {
      name: 'SessionError',
      status: 503,
      getResponse: () => new Response(null, { status: 503 }),
    })
    const app = withSession(sessions, () => {
      throw foreign
    })
    expect((await app(request())).status).toBe(503)
  })
})

it('has the runtime wait for the move of the idle timeout', async () => {
  const clock = manualClock()
  const kept: Promise<void>[] = []
  const ctx = { waitUntil: (work: Promise<void>) => void kept.push(work) }
  const timed = createSessions({ store, secrets: 'the-secret-of-the-fetch-tests-000', clock })
  const app = withSession(
    timed,
    async (_request, session, _ctx: typeof ctx) => {
      if (session.userId === undefined) await session.create({ userId: 'ann' })
      return new Response(session.lastSeenAt?.toISOString())
    },
    { waitUntil: (work, _request, given) => given.waitUntil(work) },
  )
  const [set] = (await app(request(), ctx)).headers.getSetCookie()
  expect(kept).toEqual([])
  clock.advance(600)
  const seen = await (await app(request(set?.split(';')[0]), ctx)).text()
  await Promise.all(kept)
  expect(kept).toHaveLength(1)
  const [listed] = await timed.list('ann')
  expect(listed?.lastSeenAt?.toISOString()).toBe(seen)
})

it('passes on what the framework does, with its types', async () => {
  const app = withSession(sessions, async (_request, _session, env: { name: string }, n: number) =>
    Response.json([env.name, n]),
  )
  expect(await (await app(request(), { name: 'ann' }, 7)).json()).toEqual(['ann', 7])
  // @ts-expect-error -- a number is missing
  void app(request(), { name: 'ann' })
})

it('finds the session by the request, typed by the Sessions', async () => {
  const typed = createSessions<{ n: number }>({ secrets: 'x'.repeat(32) })
  const app = withSession(typed, (found, session) => {
    const n: number | undefined = sessionOf(found, typed).data.n
    return Response.json([sessionOf(found) === session, n ?? null])
  })
  expect(await (await app(request())).json()).toEqual([true, null])
})

it('says what the app has not done', () => {
  expect(() => sessionOf(request())).toThrow(
    'No session: the request has to come through withSession first',
  )
})

it.each([
  [{ onerror: () => new Response() }, 'withSession: onerror is not an option.'],
  [{ onError: 'later' }, 'withSession: onError must be a function.'],
])('refuses options that are wrong: %j', (options, message) => {
  const wrong = options as object
  expect(() => withSession(sessions, () => new Response(), wrong)).toThrow(
    expect.objectContaining({ code: 'ERR_CONFIG', message }),
  )
})

it('takes no option from Object.prototype', async () => {
  // oxlint-disable-next-line no-extend-native -- It is what this test is about.
  Object.defineProperty(Object.prototype, 'onError', { value: 'evil', configurable: true })
  try {
    const app = withSession(sessions, () => {
      throw new Error('on purpose')
    })
    await expect(app(request())).rejects.toThrow('on purpose')
  } finally {
    Reflect.deleteProperty(Object.prototype, 'onError')
  }
})

import { once } from 'node:events'
import {
  get as getFrom,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http'
import { createServer as createServer2, connect, type ClientHttp2Session } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { createSessions, memoryStore } from '@adjourn/core'
import { faultyStore } from '@adjourn/core/testing'
import { session, sessionOf, withSession } from '@adjourn/node'
import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from 'vitest'
import { listen } from '../conformance/bindings/listen.ts'
import { get } from '../support/http.ts'

const ISSUED = /^__Host-session=Fe26/
const store = faultyStore(memoryStore())
const sessions = createSessions({ store, secrets: 'the-secret-of-the-node-tests-0000' })
const failure = new Error('on purpose')

const closing: (() => Promise<void>)[] = []

let warned: MockInstance
beforeEach(() => {
  warned = vi.spyOn(console, 'warn').mockReturnValue()
})
afterEach(async () => {
  store.restore()
  await Promise.all(closing.splice(0).map((close) => close()))
})

async function serve(app: RequestListener): Promise<string> {
  const running = await listen(app)
  closing.push(() => running.close())
  return running.at
}

describe('withSession', () => {
  it('closes the connection where half a body has left, and tells onError', async () => {
    const onError = vi.fn()
    const app = withSession(
      sessions,
      async (_request, response) => {
        await sendHalf(response)
        throw failure
      },
      { onError },
    )
    const [response] = (await once(getFrom(await serve(app)), 'response')) as [IncomingMessage]
    await expect(text(response)).rejects.toThrow('aborted')
    expect(onError).toHaveBeenCalledExactlyOnceWith(failure, expect.anything(), expect.anything())
  })

  it('closes the connection where onError fails with half of its answer', async () => {
    const app = withSession(
      sessions,
      () => {
        throw new Error('first')
      },
      {
        async onError(_error, _request, response) {
          await sendHalf(response)
          throw failure
        },
      },
    )
    const [response] = (await once(getFrom(await serve(app)), 'response')) as [IncomingMessage]
    await expect(text(response)).rejects.toThrow('aborted')
  })

  it('closes the connection where the response itself fails', async () => {
    const app = withSession(sessions, (_request, response) => {
      response.writeHead = () => {
        throw failure
      }
      response.end('ok')
    })
    await expect(get(await serve(app))).rejects.toThrow('socket hang up')
  })

  it('answers an error that only has the name of ours with 500 and the cookie', async () => {
    const app = withSession(sessions, async (_request, _response, current) => {
      await current.create()
      throw Object.assign(new Error('on purpose'), { name: 'SessionError' })
    })
    expect(await get(await serve(app))).toMatchObject({
      status: 500,
      setCookies: [expect.stringMatching(ISSUED)],
    })
  })

  it('warns once in development that nobody sees an error, and does not show it', async () => {
    const own = createSessions({ secrets: 'x'.repeat(32) })
    const at = await serve(
      withSession(own, () => {
        throw failure
      }),
    )
    for (const status of [500, 500]) expect((await get(at)).status).toBe(status)
    expect(warned.mock.calls.flat()).toEqual([
      expect.stringContaining('give withSession an onError'),
    ])
  })

  it('leaves a body alone that is whole', async () => {
    const body = 'x'.repeat(1_000_000)
    const app = withSession(sessions, (_request, response) => {
      response.end(body)
      throw failure
    })
    expect((await get(await serve(app))).body).toHaveLength(body.length)
  })

  it('hands onError the failed load, the request and the response', async () => {
    const onError = vi.fn((error: unknown, _request: unknown, response: { end(b: string): void }) =>
      response.end((error as { code: string }).code),
    )
    const handler = vi.fn()
    const cookie = await cookieOfLogin()
    store.fail('all')
    const { body } = await get(await serve(withSession(sessions, handler, { onError })), { cookie })
    expect(body).toBe('ERR_STORE_UNAVAILABLE')
    expect(handler).not.toHaveBeenCalled()
  })

  it('answers a failed load with 503, leaves the cookie', async () => {
    const cookie = await cookieOfLogin()
    store.fail('all')
    const at = await serve(withSession(sessions, (_request, response) => response.end()))
    expect(await get(at, { cookie })).toMatchObject({
      status: 503,
      setCookies: [],
      body: 'Service Unavailable',
    })
  })

  it.each([
    [{ onerror: () => {} }, 'withSession: onerror is not an option.'],
    [{ onError: 'later' }, 'withSession: onError must be a function.'],
  ])('refuses options that are wrong: %j', (options, message) => {
    const wrong = options as object
    expect(() => withSession(sessions, () => {}, wrong)).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG', message }),
    )
  })
})

it('says what the app has not done', async () => {
  const at = await serve((request, response) => {
    try {
      sessionOf(request)
    } catch (error) {
      response.end((error as Error).message)
    }
  })
  expect((await get(at)).body).toBe(
    'No session: have session(sessions), or withSession, see the request first',
  )
})

it('does not take the place of what others keep on the request', async () => {
  const load = session(sessions)
  const at = await serve((request, response) => {
    const carrier = Object.assign(request, { session: "somebody else's" })
    load(request, response, () => response.end(carrier.session))
  })
  expect((await get(at)).body).toBe("somebody else's")
})

it('puts the cookie on an answer over HTTP/2, through the interface of HTTP/1', async () => {
  const load = session(sessions)
  const client = await serve2((request, response) => {
    load(request, response, () => {
      void sessionOf(request)
        .create()
        .then(() => response.writeHead(200, { 'set-cookie': 'a=1' }).end('ok'))
    })
  })
  const [headers] = (await once(client.request({ ':path': '/' }), 'response')) as [
    Record<string, unknown>,
  ]
  expect(headers['set-cookie']).toEqual(['a=1', expect.stringMatching(ISSUED)])
})

it('resets the stream over HTTP/2 where half a body has left', async () => {
  const app = withSession(sessions, async (_request, response) => {
    await sendHalf(response)
    throw failure
  })
  const client = await serve2(app)
  await expect(text(client.request({ ':path': '/' }))).rejects.toThrow('NGHTTP2_INTERNAL_ERROR')
})

async function serve2(app: RequestListener): Promise<ClientHttp2Session> {
  // Node's own, which are like those of HTTP/1.
  const server = createServer2(app as never)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  closing.push(async () => {
    client.destroy()
    server.close()
    await once(server, 'close')
  })
  return client
}

/** Resolves when it has left. */
function sendHalf(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    response.write('half', () => resolve())
  })
}

async function cookieOfLogin(): Promise<string> {
  const app = withSession(sessions, async (_request, response, current) => {
    await current.create({ userId: 'ann' })
    response.end()
  })
  const { setCookies } = await get(await serve(app))
  return setCookies[0]?.split(';')[0] ?? ''
}

import {
  CLIENT_ID,
  CLIENT_SECRET,
  createApp,
  createProvider,
  type App,
} from '@adjourn/example-oidc'
import { getRequestListener } from '@hono/node-server'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Browser, type Page } from './browser.ts'

const running: Server[] = []
afterEach(async () => {
  for (const server of running.splice(0)) {
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
})

async function listening(): Promise<{ server: Server; at: string }> {
  const server = createServer()
  running.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, at: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

interface World extends App {
  readonly origin: string
  readonly issuer: string
  /** Called by the next request for tokens, before the provider answers it. */
  readonly hooks: { onToken: () => Promise<unknown> }
  /** What the provider said of its back-channel requests. */
  readonly told: string[]
  /** What the provider sent: the claims of its tokens, and how the app answered. */
  readonly received: { readonly claims: Record<string, unknown>; readonly status: number }[]
}

async function start({ namesSessions = true } = {}): Promise<World> {
  // The provider warns that it is none for production.
  vi.spyOn(console, 'warn').mockReturnValue()
  vi.spyOn(console, 'info').mockReturnValue()
  const ofProvider = await listening()
  const ofApp = await listening()
  const [issuer, origin] = [ofProvider.at, ofApp.at]
  const provider = createProvider({ issuer, origin, namesSessions })
  const handle = provider.callback()
  const hooks = { onToken: async (): Promise<unknown> => undefined }
  async function answerAtProvider(
    ...[request, response]: Parameters<typeof handle>
  ): Promise<void> {
    if (request.url === '/token') {
      const { onToken } = hooks
      hooks.onToken = async () => undefined
      await onToken()
    }
    await handle(request, response)
  }
  ofProvider.server.on('request', (request, response) => void answerAtProvider(request, response))
  const told: string[] = []
  provider.on('backchannel.success', (_context, { clientId }, userId) => {
    told.push(`success ${clientId} ${userId}`)
  })
  provider.on('backchannel.error', (_context, { message }) => told.push(`error ${message}`))

  const { app, sessions } = await createApp({
    origin,
    issuer,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
  })
  const received: { claims: Record<string, unknown>; status: number }[] = []
  async function answer(request: Request): Promise<Response> {
    if (!request.url.endsWith('/backchannel-logout')) return app.fetch(request)
    const token = new URLSearchParams(await request.clone().text()).get('logout_token') ?? ''
    const response = await app.fetch(request)
    const claims = JSON.parse(
      Buffer.from(token.split('.')[1] ?? '', 'base64url').toString(),
    ) as object
    received.push({ claims: { ...claims }, status: response.status })
    return response
  }
  const listener = getRequestListener(answer)
  ofApp.server.on('request', (request, response) => void listener(request, response))
  return { app, sessions, origin, issuer, hooks, told, received }
}

/** Through the code flow, with the forms of the provider. */
async function signIn(browser: Browser, { origin }: World, userId: string): Promise<Page> {
  const login = await browser.open(`${origin}/login`)
  const consent = await browser.submit(login, { login: userId, password: 'any' })
  return browser.submit(consent)
}

/** At the provider itself, and confirmed. */
async function signOutAtProvider(browser: Browser, { issuer }: World): Promise<Page> {
  return browser.submit(await browser.open(`${issuer}/session/end`), { logout: 'yes' })
}

describe('with a provider that names sessions', () => {
  test('the code flow signs in, and a logout at the provider ends that session alone', async () => {
    const world = await start()
    const [laptop, phone, bobs] = [new Browser(), new Browser(), new Browser()]
    expect((await signIn(laptop, world, 'ann')).text).toContain('Hello ann')
    expect((await signIn(phone, world, 'ann')).text).toContain('Hello ann')
    expect((await signIn(bobs, world, 'bob')).text).toContain('Hello bob')
    expect(await world.sessions.list('ann')).toHaveLength(2)

    await signOutAtProvider(laptop, world)
    expect(world.told).toEqual([`success ${CLIENT_ID} ann`])
    expect(world.received).toMatchObject([
      { status: 200, claims: { sid: expect.any(String) as string } },
    ])
    expect(await world.sessions.list('ann')).toHaveLength(1)
    expect((await laptop.open(world.origin)).text).toContain('Hello nobody')
    expect((await phone.open(world.origin)).text).toContain('Hello ann')
    expect((await bobs.open(world.origin)).text).toContain('Hello bob')

    // Signed out there, too: it asks who they are.
    expect((await laptop.open(`${world.origin}/login`)).text).toContain('name="password"')
    expect((await signIn(laptop, world, 'ann')).text).toContain('Hello ann')
  })

  test('a logout in the app ends both, and comes back', async () => {
    const world = await start()
    const browser = new Browser()
    const page = await signIn(browser, world, 'ann')
    const confirm = await browser.submit(page)
    expect(confirm.url).toContain(`${world.issuer}/session/end?id_token_hint=`)
    // Over here already, whatever they answer there.
    expect(await world.sessions.list('ann')).toEqual([])
    expect((await browser.open(world.origin)).text).toContain('Hello nobody')
    const last = await browser.submit(confirm, { logout: 'yes' })
    expect(last.url).toBe(`${world.origin}/`)
    expect(last.text).toContain('Hello nobody')
    // Nobody was signed in any more, and that is a success.
    expect(world.told).toEqual([`success ${CLIENT_ID} ann`])
    expect(world.received).toMatchObject([{ status: 200 }])
    expect((await browser.open(`${world.origin}/login`)).text).toContain('name="password"')
  })
})

describe('with a provider that names users only', () => {
  test('a logout at the provider ends all sessions of that user', async () => {
    const world = await start({ namesSessions: false })
    const [laptop, phone, bobs] = [new Browser(), new Browser(), new Browser()]
    await signIn(laptop, world, 'ann')
    await signIn(phone, world, 'ann')
    await signIn(bobs, world, 'bob')
    await signOutAtProvider(laptop, world)
    expect(world.told).toEqual([`success ${CLIENT_ID} ann`])
    expect(world.received).toMatchObject([{ status: 200, claims: { sub: 'ann' } }])
    expect(world.received[0]?.claims).not.toHaveProperty('sid')
    expect(await world.sessions.list('ann')).toEqual([])
    expect((await laptop.open(world.origin)).text).toContain('Hello nobody')
    expect((await phone.open(world.origin)).text).toContain('Hello nobody')
    expect((await bobs.open(world.origin)).text).toContain('Hello bob')
  })
})

test('a logout while the code is exchanged ends that login; the next one is innocent', async () => {
  const world = await start()
  world.hooks.onToken = () =>
    world.sessions.revokeAll({ federation: { issuer: world.issuer, subject: 'ann' } })
  const browser = new Browser()
  const page = await signIn(browser, world, 'ann')
  const callbacks = browser.visited.filter((url) => url.startsWith(`${world.origin}/callback`))
  expect(callbacks).toHaveLength(2)
  expect(page.text).toContain('Hello ann')
  expect(await world.sessions.list('ann')).toHaveLength(1)
})

test('a logout between the fence and the session ends that login, too', async () => {
  const world = await start()
  const fence = world.sessions.fence.bind(world.sessions)
  const taken = vi.spyOn(world.sessions, 'fence').mockImplementationOnce(async (...options) => {
    const result = await fence(...options)
    await world.sessions.revokeAll({ federation: { issuer: world.issuer, subject: 'ann' } })
    return result
  })
  const browser = new Browser()
  expect((await signIn(browser, world, 'ann')).text).toContain('Hello ann')
  expect(taken).toHaveBeenCalledTimes(2)
  expect(await world.sessions.list('ann')).toHaveLength(1)
})

test('a callback that nobody asked for starts a login of its own', async () => {
  const world = await start()
  const page = await new Browser().open(`${world.origin}/callback?code=stolen&state=x`)
  expect(page.text).toContain('name="password"')
})

import { createSessions } from '@adjourn/core'
import { faultyStore } from '@adjourn/core/testing'
import { createApp } from '@adjourn/example-websocket'
import { mongoStore } from '@adjourn/mongodb'
import { MongoClient } from 'mongodb'
import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { WebSocket } from 'ws'
import { listen } from '../conformance/bindings/listen.ts'
import { CookieBrowser } from '../support/browser.ts'

const client = new MongoClient(inject('mongodbUri'))
const db = client.db(`websocket-${process.pid}`)
const running: (() => Promise<void>)[] = []

async function startNode() {
  const store = faultyStore(mongoStore(db))
  const secrets = 'the-secret-that-both-of-the-nodes-share'
  const sessions = createSessions({ store, secrets, cookie: { secure: false } })
  const app = await listen(createApp(sessions))
  running.push(async () => {
    await app.close()
    await sessions.close()
  })
  return { at: app.at, sessions, store }
}

async function open(at: string, { cookieHeader: cookie }: CookieBrowser, origin = at) {
  const socket = new WebSocket(at.replace('http', 'ws'), { headers: { cookie, origin } })
  expect(await heard(socket)).toBe('hello ann')
  return socket
}

const heard = async (socket: WebSocket): Promise<string> =>
  String((await once(socket, 'message'))[0])

async function signedIn(at: string): Promise<CookieBrowser> {
  const browser = new CookieBrowser()
  await browser.open(`${at}/login`, { method: 'POST' })
  return browser
}

describe('web sockets', () => {
  beforeAll(async () => {
    await client.connect()
  })
  afterEach(async () => {
    await Promise.all(running.splice(0).map((stop) => stop()))
  })
  afterAll(async () => {
    await db.dropDatabase()
    await client.close()
  })

  it('echo, and close with 1008 when the session ends on another node, and no other does', async () => {
    const [here, there] = [await startNode(), await startNode()]
    const [ann, other] = [await signedIn(here.at), await signedIn(here.at)]
    const [socket, spared] = [await open(here.at, ann), await open(here.at, other)]
    socket.send('are you there?')
    expect(await heard(socket)).toBe('are you there?')
    const closed = once(socket, 'close')
    await ann.open(`${there.at}/logout`, { method: 'POST' })
    expect((await closed)[0]).toBe(1008)
    spared.send('and you?')
    expect(await heard(spared)).toBe('and you?')
    const sparedClosed = once(spared, 'close')
    await other.open(`${there.at}/logout-everywhere`, { method: 'POST' })
    expect((await sparedClosed)[0]).toBe(1008)
  })

  it('refuse who is not signed in, any more or at all, and the pages of other sites', async () => {
    const { at } = await startNode()
    await expect(open(at, new CookieBrowser())).rejects.toThrow('401')
    const ann = await signedIn(at)
    const copy = ann.copyOf('session')
    for (const origin of ['https://evil.example', 'null', 'not a URL']) {
      await expect(open(at, ann, origin)).rejects.toThrow('403')
    }
    await ann.open(`${at}/logout`, { method: 'POST' })
    await expect(open(at, copy)).rejects.toThrow('401')
  })

  it('answer 503 while the store is down, and open afterwards', async () => {
    const { at, store } = await startNode()
    const ann = await signedIn(at)
    store.fail('read')
    await expect(open(at, ann)).rejects.toThrow('503')
    store.restore()
    const socket = await open(at, ann)
    socket.terminate()
  })
})

import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { openSocket, openStream, shake, startNode, type Held, type Node } from './node.ts'

/** ADJOURN_STREAMS sets how many sessions hold a stream open at once. */
const STREAMS = Number(process.env['ADJOURN_STREAMS'] ?? 1000)
const BOUND_MS = 1000

const uri = inject('mongodbUri')

describe.each(['Express', 'Hono'])('live connections on %s', (kind) => {
  const database = `live-streams-${kind}-${process.pid}`
  let here: Node
  let there: Node

  beforeAll(async () => {
    here = await startNode(kind, uri, database)
    there = await startNode(kind, uri, database)
  })
  afterAll(async () => {
    await Promise.all([here, there].map((node) => node[Symbol.asyncDispose]()))
    await using client = new MongoClient(uri)
    await client.db(database).dropDatabase()
  })

  it('close within a second of a logout on another node: web socket with code 1008, event stream', async () => {
    const [cookie = '', other = ''] = await here.signIn(2)
    const held = [await openSocket(here.at, cookie), await openStream(here.at, cookie)]
    const spared = await openSocket(here.at, other)
    const { began } = await there.logOut(cookie)
    const [socket, stream] = await Promise.all(held.map(({ closed }) => closed))
    expect(socket?.code).toBe(1008)
    for (const end of [socket, stream]) expect((end?.at ?? Infinity) - began).toBeLessThan(BOUND_MS)
    const stillOpen = await Promise.race([spared.closed, Promise.resolve('open')])
    expect(stillOpen).toBe('open')
    await there.logOut(other)
    expect((await spared.closed).code).toBe(1008)
  })

  it('close within a second, all of them, when everyone is revoked on another node', async () => {
    const cookies = await here.signIn(STREAMS)
    const held: Held[] = []
    for (const cookie of cookies) held.push(await openStream(here.at, cookie))
    expect(held).toHaveLength(STREAMS)
    const { began, resolved } = await there.revokeEveryone()
    const ends = await Promise.all(held.map(({ closed }) => closed))
    const last = Math.max(...ends.map(({ at }) => at))
    const first = Math.min(...ends.map(({ at }) => at))
    console.log(
      `${kind}: ${STREAMS} event streams of ${STREAMS} sessions, everyone revoked on another node: ` +
        `the first closed after ${first - began} ms, the last after ${last - began} ms; ` +
        `revokeAll resolved after ${resolved - began} ms`,
    )
    expect(last - began).toBeLessThan(BOUND_MS)
  })

  it('outlive clients that break off, or send what is no web socket', async () => {
    const [cookie = ''] = await here.signIn(1)
    for (let times = 0; times < 300; times++) await shake(here.at, '')
    // A text that is not masked, and one that says to be longer than any.
    await shake(here.at, cookie, Uint8Array.of(0x81, 1, 65))
    await shake(here.at, cookie, Uint8Array.of(0x81, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
    const held = await openStream(here.at, cookie)
    await there.logOut(cookie)
    await held.closed
  })

  it('refuse whoever is not signed in, and a socket that another site opens', async () => {
    await expect(openStream(here.at, '')).rejects.toThrow('401')
    await expect(openSocket(here.at, '')).rejects.toThrow('401')
    const [cookie = ''] = await here.signIn(1)
    await expect(openSocket(here.at, cookie, 'https://evil.example')).rejects.toThrow('403')
  })
})

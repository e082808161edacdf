import { mkdtemp, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DemoOptions } from '@adjourn/example-demo'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { Browser } from './browser.ts'
import { ADA, openDemo } from './support.ts'

const DATABASE = 'demo-restart'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'adjourn-demo-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true })
  await using client = new MongoClient(inject('mongodbUri'))
  await client.db(DATABASE).dropDatabase()
})

const places: [string, () => Partial<DemoOptions>][] = [
  ['SQLite', () => ({})],
  ['MongoDB', () => ({ mongodb: { uri: inject('mongodbUri'), database: DATABASE } })],
]

describe.each(places)('a restart of the demo on %s', (place, optionsOf) => {
  it('leaves sessions and changed passwords as they were', async () => {
    const options = { folder, ...optionsOf() }
    const kept = new Browser()
    const ended = new Browser()
    let endedCookie = ''
    const next = 'analytical engine'
    {
      await using first = await openDemo(options)
      const { express, hono } = first.demo
      expect(first.demo.place).toBe(place)
      await kept.signIn(express, ADA.user, ADA.password)
      const form = { current: ADA.password, next }
      expect((await kept.open(`${hono}/password`, { form })).status).toBe(303)
      await ended.signIn(hono, ADA.user, next)
      endedCookie = ended.cookie
      await ended.open(`${hono}/logout`, { form: {} })
    }
    await using second = await openDemo(options)
    const { express, hono } = second.demo
    for (const origin of [express, hono]) {
      expect(await kept.whoami(origin)).toMatchObject({ user: 'ada' })
    }
    ended.cookie = endedCookie
    expect(await ended.whoami(express)).toMatchObject({ user: null })
    expect((await new Browser().signIn(express, 'ada', ADA.password)).status).toBe(401)
    expect((await new Browser().signIn(express, 'ada', next)).status).toBe(303)
  })
})

it('makes its folder for nobody else: it holds the secret and the hashes of passwords', async () => {
  const made = join(folder, 'made')
  await using world = await openDemo({ folder: made })
  expect((await stat(world.folder)).mode & 0o777).toBe(0o700)
})

it('takes a free port where the wanted one is taken', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  try {
    await using world = await openDemo({ port })
    expect(new URL(world.demo.express).port).not.toBe(String(port))
    const { body } = await new Browser().open(`${world.demo.hono}/`)
    expect(body).toContain(`href="${world.demo.express}/"`)
  } finally {
    other.close()
  }
})

it('does not start where its MongoDB cannot be reached', async () => {
  const mongodb = { uri: 'mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200', database: 'none' }
  await expect(openDemo({ mongodb })).rejects.toThrow()
})

import { memoryStore } from '@adjourn/core'
import type { DemoOptions } from '@adjourn/example-demo'
import { MemoryStore } from 'express-session'
import { describe, expect, inject, it, vi } from 'vitest'
import { Browser } from './browser.ts'
import { openDemo, SIDES } from './support.ts'

type Storage = Awaited<ReturnType<NonNullable<DemoOptions['openStorage']>>>

const LATER = { timeout: 150_000, interval: 200 }

/** The rows of the page's table: what was measured, by way to log out. */
function rowsOf(body: string): Record<string, string[]> {
  const rows = body.split('<tr role="row">').slice(2)
  return Object.fromEntries(
    rows.map((row) => {
      const label = /<code>(.*?)<\/code>/s.exec(row)?.[1] ?? ''
      return [
        label,
        [...row.matchAll(/<td[^>]*>(.*?)<\/td>/gs)].map(([, cell = '']) => textOf(cell)),
      ]
    }),
  )
}

const textOf = (markup: string): string => markup.replaceAll(/<[^>]*>/g, '').trim()

it('runs the seven ways and shows record, cookie and replay of each', async () => {
  vi.stubEnv('MONGODB_URI', inject('mongodbUri'))
  await using world = await openDemo()
  const { express, hono } = world.demo
  const browser = new Browser()
  expect((await browser.open(`${hono}/why`)).body).toContain('Not run yet.')
  const events = await browser.listen(`${hono}/why/events`)
  const started = await browser.open(`${express}/why`, { form: {} })
  expect(started).toMatchObject({ status: 303, location: '/why' })
  expect((await browser.open(`${hono}/why`)).body).toContain('http-equiv="refresh"')
  // A second one does not begin.
  await browser.open(`${hono}/why`, { form: {} })
  await vi.waitFor(async () => {
    expect((await browser.open(`${express}/why`)).body).toMatch(/Done in|It could not run/)
  }, LATER)

  const { body } = await browser.open(`${hono}/why`)
  expect(body).toContain('Done in')
  expect(body).not.toContain('http-equiv="refresh"')
  const rows = rowsOf(body)
  expect(Object.keys(rows)).toHaveLength(7)
  const [, record, deletion, replay] = rows['req.session = null'] ?? []
  expect([record, deletion, replay]).toEqual(['yes', 'no', 'yes'])
  expect(rows['req.session.destroy(cb)']?.slice(1, 4)).toEqual(['no', 'no', 'no'])
  for (const app of ['Express', 'Hono']) {
    expect(rows[`await session.end() on ${app}`]?.slice(1, 4)).toEqual(['no', 'yes', 'no'])
  }
  expect(events.text).toContain('Running: 1 of 7')
  expect(events.text).toContain('Done in')
  expect(events.text.match(/Running: 1 of 7/g)).toHaveLength(1)
  events.close()
}, 180_000)

it('breaks off a run and closes its storage when the demo stops', async () => {
  const close = vi.fn(async () => {})
  const openStorage = async (): Promise<Storage> => ({
    name: 'memory',
    sessions: memoryStore(),
    classic: new MemoryStore(),
    hasSession: async () => false,
    hasClassic: async () => false,
    [Symbol.asyncDispose]: close,
  })
  const world = await openDemo({ openStorage })
  const browser = new Browser()
  const url = `${world.demo.express}/why`
  await browser.open(url, { form: {} })
  await vi.waitFor(async () => expect((await browser.open(url)).body).toContain('Running: 1 of 7'))
  expect(close).not.toHaveBeenCalled()
  await world[Symbol.asyncDispose]()
  expect(close).toHaveBeenCalledOnce()
})

describe.each(SIDES)('without a MongoDB, on $name', ({ here }) => {
  it('says how to get one, and can be tried again', async () => {
    const openStorage = vi.fn(async () => {
      throw new Error('Set MONGODB_URI to <its address>')
    })
    await using world = await openDemo({ openStorage })
    const ours = world.demo[here]
    const browser = new Browser()
    for (const times of [1, 2]) {
      await browser.open(`${ours}/why`, { form: {} })
      await vi.waitFor(async () => {
        const { body } = await browser.open(`${ours}/why`)
        expect(body).toContain('It could not run.')
        expect(body).toContain('Set MONGODB_URI to &lt;its address&gt;')
      })
      expect(openStorage).toHaveBeenCalledTimes(times)
    }
  })
})

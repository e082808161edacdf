import type { CreateOptions, Data } from '@adjourn/core'
import { expect, it } from 'vitest'
import { Browser, dataOf, onEachAppAndStore, put, type Node } from './support.ts'

/** Starts an anonymous session; resolves to its id. */
function start(browser: Browser, node: Node, options: CreateOptions): Promise<string | undefined> {
  return browser.visit(node, async (session) => {
    await session.create(options)
    return session.id
  })
}

const text = (json: string): Data => JSON.parse(json) as Data

onEachAppAndStore('data', (world) => {
  it('the cart of a visitor is carried over when they sign in', async () => {
    const [here, there] = await world().nodes()
    const ann = new Browser()
    await ann.visit(here, put({ cart: ['tea'], theme: 'dark' }))
    await ann.login(there, 'ann', { data: { theme: 'light' } })
    expect(await ann.visit(here, dataOf)).toEqual({ cart: ['tea'], theme: 'light' })
  })

  it('what a visitor added and did not save yet is carried over too', async () => {
    const [here, there] = await world().nodes()
    const ann = new Browser()
    await ann.visit(here, put({ cart: ['tea'] }))
    await ann.visit(there, async (session) => {
      session.data['cart'] = ['tea', 'milk']
      await session.create({ userId: 'ann' })
    })
    expect(await ann.visit(here, dataOf)).toEqual({ cart: ['tea', 'milk'] })
  })

  it('nothing is carried over from the session of another user', async () => {
    const [here, there] = await world().nodes()
    const shared = new Browser()
    await shared.login(here, 'ann', { data: { cart: ['tea'] } })
    const before = shared.copy()
    await shared.login(there, 'bob')
    expect(await shared.visit(here, dataOf)).toEqual({})
    expect(await before.whoami(here)).toBeUndefined()
  })

  it('data of exactly maxDataSize characters is stored', async () => {
    const [here, there] = await world().nodes({ maxDataSize: 100 })
    const ann = new Browser()
    await ann.login(here, 'ann')
    await ann.visit(here, put({ text: 'x'.repeat(89) }))
    expect(await ann.visit(there, dataOf)).toEqual({ text: 'x'.repeat(89) })
  })

  it.each(['save', 'update', 'create'] as const)(
    '%s of data above maxDataSize names both sizes and stores nothing',
    async (call) => {
      const { nodes, record, count } = world()
      const [here, there] = await nodes({ maxDataSize: 100 })
      const ann = new Browser()
      const id = await start(ann, here, { data: { n: 1 } })
      const [before, { cookie }] = [await record(id), ann]
      const data = { text: 'x'.repeat(84) }
      const writing = ann.visit(there, async (session) => {
        if (call === 'save') await put(data)(session)
        if (call === 'update') await session.update((stored) => ({ ...stored, ...data }))
        if (call === 'create') await session.create({ userId: 'ann', data })
      })
      await expect(writing).rejects.toMatchObject({
        code: 'ERR_DATA_INVALID',
        message: expect.stringMatching(/\b101\b.*\b100\b/) as string,
      })
      expect(await record(id)).toEqual(before)
      expect([ann.cookie, count('insert')]).toEqual([cookie, 1])
      expect(await there.sessions.list('ann')).toEqual([])
    },
  )

  it('a first save that is too large starts no session and sends no cookie', async () => {
    const { node, count } = world()
    const here = await node({ maxDataSize: 100 })
    const visitor = new Browser()
    const { setCookies, status } = await visitor.open(here, put({ text: 'x'.repeat(90) }))
    expect([setCookies, status, count('insert')]).toEqual([[], 500, 0])
  })

  it('keys that name a prototype are data like any other', async () => {
    const [here, there] = await world().nodes()
    const ann = new Browser()
    const data = text('{"__proto__":{"admin":true},"constructor":{"prototype":1},"toString":"x"}')
    await ann.login(here, 'ann', { data })
    await ann.visit(there, (session) =>
      session.update((stored) => {
        Object.defineProperty(stored['constructor'], '__proto__', { value: 2, enumerable: true })
      }),
    )
    const [shown, keys] = await ann.visit(here, (session) => {
      const { admin } = session.data as { admin?: boolean }
      expect(admin).toBeUndefined()
      return [JSON.stringify(session.data), Object.keys(session.data)] as const
    })
    expect(shown).toBe(
      '{"__proto__":{"admin":true},"constructor":{"prototype":1,"__proto__":2},"toString":"x"}',
    )
    expect(keys).toEqual(['__proto__', 'constructor', 'toString'])
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
  })

  it('data that no JSON can hold is refused with its path, and stores nothing', async () => {
    const { nodes, record } = world()
    const [here, there] = await nodes()
    const ann = new Browser()
    const id = await ann.login(here, 'ann')
    const before = await record(id)
    await expect(ann.visit(there, put({ list: [{ at: new Map() }] }))).rejects.toMatchObject({
      code: 'ERR_DATA_INVALID',
      path: ['list', '0', 'at'],
    })
    expect(await record(id)).toEqual(before)
  })
})

/** How much of everything is taken: n is, n + 1 is refused before anything is written. */
import { expect, it } from 'vitest'
import { createWorld } from './world.ts'

type Create = Parameters<Awaited<ReturnType<typeof load>>['session']['create']>[0]

const { load, sessions, store } = createWorld()

const writes = (): number =>
  store.calls.filter(({ operation }) => operation === 'insert' || operation === 'update').length

it.each<[string, (length: number) => Create, number, string]>([
  ['characters of a label', (n) => ({ device: { label: 'x'.repeat(n) } }), 4096, 'ERR_CONFIG'],
  [
    'characters of a user agent',
    (n) => ({ device: { userAgent: 'x'.repeat(n) } }),
    4096,
    'ERR_CONFIG',
  ],
  ['characters of an address', (n) => ({ device: { ip: 'x'.repeat(n) } }), 4096, 'ERR_CONFIG'],
  ['characters of a user id', (n) => ({ userId: 'x'.repeat(n) }), 2000, 'ERR_CONFIG'],
  ['characters of a tag', (n) => ({ tags: ['x'.repeat(n)] }), 2000, 'ERR_CONFIG'],
  [
    'characters of data',
    (n) => ({ data: { a: 'x'.repeat(n - 8) } }),
    4 * 1024 * 1024,
    'ERR_DATA_INVALID',
  ],
])('%s', async (_what, options, most, code) => {
  const { session, setCookie } = await load()
  await session.create(options(most))
  expect(setCookie()?.split(';')[0]?.length).toBeLessThanOrEqual(4096 + 1)
  const before = writes()
  const another = await load()
  await expect(another.session.create(options(most + 1))).rejects.toMatchObject({ code })
  expect([writes(), another.setCookie()]).toEqual([before, undefined])
})

it('tags that no cookie has room for are refused before the store is asked for anything', async () => {
  const tags = Array.from({ length: 100_000 }, (_, at) => `tag-${at}`)
  const calls = store.calls.length
  const tooLarge = { code: 'ERR_COOKIE_TOO_LARGE' }
  const { session } = await load()
  await expect(session.create({ tags })).rejects.toMatchObject(tooLarge)
  await expect(sessions.fence('ann', { tags })).rejects.toMatchObject(tooLarge)
  expect(store.calls).toHaveLength(calls)
})

it('a tag that is given many times is one', async () => {
  const tags = Array.from({ length: 1000 }, () => 'org:acme')
  const { session } = await load()
  await session.create({ userId: 'ann', tags })
  await session.rotate({ tags })
  expect(session.tags).toEqual(['org:acme'])
})

it('the largest cookie that is handed out is one that is taken back', async () => {
  let most = 0
  for (let length = 1800; length <= 2000; length++) {
    const { session, setCookie } = await load()
    try {
      await session.create({ tags: ['x'.repeat(700), 'y'.repeat(length)] })
    } catch (error) {
      expect(error).toMatchObject({ code: 'ERR_COOKIE_TOO_LARGE' })
      break
    }
    const cookie = setCookie()?.split(';')[0] ?? ''
    most = Math.max(most, cookie.length)
    expect((await load(cookie)).session.active).toBe(true)
  }
  expect(most).toBeGreaterThan(4000)
  expect(most).toBeLessThanOrEqual(4097)
})

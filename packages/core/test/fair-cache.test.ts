import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createFairCache } from '../src/fair-cache.ts'
import { createSealer } from '../src/seal.ts'
import { count, settled, stopTime, twoNodes } from './support/feeds.ts'

interface Owned {
  readonly owner: string | undefined
}

const create = (max: number) => createFairCache<Owned>(max, ({ owner }) => owner)

const keys = (prefix: string, length: number): string[] =>
  Array.from({ length }, (_, at) => `${prefix}${at}`)

describe('the share of a cache', () => {
  it.each([
    ['a user', 'eve', 10_000, 100],
    ['a user of a small cache', 'eve', 100, 10],
    ['all visitors', undefined, 10_000, 5000],
  ])('of %s is no more than that, their newest', (_who, owner, max, share) => {
    const cache = create(max)
    const flood = keys('e', max * 2)
    for (const key of flood) cache.set(key, { owner })
    const kept = flood.filter((key) => cache.get(key) !== undefined)
    expect(kept).toEqual(flood.slice(-share))
  })

  it('is their own: what others have stays, and makes room for nobody else', () => {
    const cache = create(1000)
    const honest = keys('h', 990)
    for (const key of honest) cache.set(key, { owner: key })
    for (const key of keys('e', 3000)) cache.set(key, { owner: 'eve' })
    for (const key of keys('v', 3000)) cache.set(key, { owner: undefined })
    expect(honest.filter((key) => cache.get(key) === undefined)).toEqual([])
  })

  it('is counted right, whatever comes and goes', () => {
    const step = fc.tuple(
      fc.constantFrom('set', 'get', 'delete', 'clear'),
      fc.constantFrom(...keys('k', 40)),
      fc.constantFrom('ann', 'bob', undefined),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const cache = create(15)
        const owned = (owner: string | undefined) =>
          keys('k', 40).filter((key) => {
            const value = cache.get(key)
            return value !== undefined && value.owner === owner
          }).length
        for (const [what, key, owner] of steps) {
          if (what === 'set') cache.set(key, { owner })
          if (what === 'set') expect(cache.get(key)).toEqual({ owner })
          if (what === 'get') cache.get(key)
          if (what === 'delete') cache.delete(key)
          if (what === 'clear' && key === 'k0') cache.clear()
          const [ann, bob, visitors] = [owned('ann'), owned('bob'), owned(undefined)]
          expect(Math.max(ann, bob)).toBeLessThanOrEqual(10)
          expect(visitors).toBeLessThanOrEqual(10)
          expect(ann + bob).toBeLessThanOrEqual(15)
        }
      }),
    )
  })

  it('of opened cookies is a hundredth for a user', async () => {
    const sealer = createSealer(['a-secret-for-tests-of-32-characters'])
    const payload = { id: 'i'.repeat(22), secret: 's'.repeat(43) }
    const seal = (user: string) =>
      sealer.seal({ ...payload, groups: ['everyone', `user:${user}`] }, 60)
    const honest = await seal('ann')
    const flood: string[] = []
    for (let n = 0; n < 150; n++) flood.push(await seal('eve'))
    expect(flood.filter((value) => sealer.known(value))).toEqual(flood.slice(-100))
    expect(sealer.known(honest)).toBeDefined()
  })
})

describe('a flood of good cookies', () => {
  beforeEach(() => stopTime())
  afterEach(() => void vi.useRealTimers())

  it.each<[string, string | undefined]>([
    ['of one account', 'eve'],
    ['of visitors', undefined],
  ])('%s leaves the sessions of others in the read cache', async (_whose, userId) => {
    const { here } = twoNodes({ cache: { max: 40, maxAge: 3600 } })
    const honest = Array.from({ length: 15 }, () => here.browser())
    for (const [at, browser] of honest.entries()) await browser.login(`user-${at}`)
    const visits = async () => {
      for (const browser of honest) expect(await browser.whoami()).toMatch(/^user-/)
    }
    await visits()
    await settled()
    await visits()
    const before = count(here.store, 'read')
    await visits()
    expect(count(here.store, 'read')).toBe(before)
    for (let n = 0; n < 100; n++) {
      const eve = here.browser()
      await eve.visit((session) => session.create(userId === undefined ? {} : { userId }))
      await eve.whoami()
    }
    const after = count(here.store, 'read')
    await visits()
    expect(count(here.store, 'read')).toBe(after)
  })
})

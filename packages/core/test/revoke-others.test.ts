import { describe, expect, it } from 'vitest'
import { memoryStore } from '../src/index.ts'
import { world } from './support/browser.ts'
import { add, dataOf } from './support/handlers.ts'

const ended = { code: 'ERR_SESSION_ENDED' }

describe('revokeOthers', () => {
  it('ends the others and rotates this one', async () => {
    const { browser, events } = world()
    const [here, there] = [browser(), browser()]
    await here.login('ann')
    await there.login('ann')
    const before = here.cookie
    expect(await here.visit((session) => session.revokeOthers())).toBe(1)
    expect(here.cookie).not.toBe(before)
    expect(await here.whoami()).toBe('ann')
    expect(await there.whoami()).toBeUndefined()
    expect(events).toContainEqual(expect.objectContaining({ type: 'revoked', count: 1 }))
  })

  it('of two at once has one survivor, and the loser changes nothing', async () => {
    const { browser } = world()
    const [a, b] = [browser(), browser()]
    await a.login('ann')
    await b.login('ann')
    const both = [await a.request(), await b.request()]
    const results = await Promise.allSettled(both.map(({ session }) => session.revokeOthers()))
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: ended })
    for (const [at, browsers] of [a, b].entries()) {
      const request = both[at]
      if (request) browsers.receive(request)
    }
    expect([await a.whoami(), await b.whoami()].filter((user) => user === 'ann')).toHaveLength(1)
  })

  it('by a visitor revokes nothing', async () => {
    const { browser } = world()
    const visitor = browser()
    await visitor.visit(add('n', 1))
    expect(await visitor.visit((session) => session.revokeOthers())).toBe(0)
    expect(await visitor.visit(dataOf)).toEqual({ n: 1 })
  })

  it('is no proof of who the user is', async () => {
    const { browser, advance, events } = world()
    const ann = browser()
    await ann.login('ann')
    advance(301)
    await ann.visit((session) => session.revokeOthers())
    expect(await ann.visit(async (session) => session.isFresh(300))).toBe(false)
    expect(events.at(-1)).toMatchObject({ type: 'rotated' })
  })

  it('ends nobody where the new cookie cannot go out', async () => {
    const { browser } = world()
    const [here, there] = [browser(), browser()]
    await here.login('ann')
    await there.login('ann')
    const request = await here.request()
    request.sendHeaders()
    await expect(request.session.revokeOthers()).rejects.toMatchObject({
      code: 'ERR_HEADERS_SENT',
    })
    expect(await there.whoami()).toBe('ann')
  })

  it('that a revocation of the user overtakes ends with it', async () => {
    const store = memoryStore()
    const { browser, sessions } = world({ store })
    const ann = browser()
    await ann.login('ann')
    const revoke = store.revoke.bind(store)
    store.revoke = async (revocation) => {
      store.revoke = revoke
      await sessions.revokeAll('ann')
      return revoke(revocation)
    }
    await ann.visit(async (session) => {
      await expect(session.revokeOthers()).rejects.toMatchObject({
        ...ended,
        message: expect.stringContaining('another revocation came first') as unknown,
      })
      expect(session.active).toBe(false)
    })
    expect(await ann.whoami()).toBeUndefined()
  })
})

import { describe, expect, it } from 'vitest'
import { memoryStore, type Membership, type SessionStore } from '../src/index.ts'
import { faultyWorld, groupsUnderSeal, world, type Browser } from './support/browser.ts'
import { dataOf } from './support/handlers.ts'

const ended = { code: 'ERR_SESSION_ENDED' }

async function login(browser: Browser, tags: readonly string[] = []): Promise<string> {
  await browser.visit((session) => session.create({ userId: 'ann', tags }))
  return browser.visit(async ({ id }) => id ?? '')
}

async function groupsIn(store: SessionStore, id: string): Promise<readonly Membership[]> {
  const { record } = await store.read(id, [])
  return record?.groups ?? []
}

describe('a rotation', () => {
  it('may be followed by more in the same request', async () => {
    const ann = world().browser()
    await login(ann, ['a'])
    await ann.visit(async (session) => {
      await session.rotate({ tags: ['b'] })
      expect(session.tags).toEqual(['b'])
      session.data['n'] = 1
      await session.save()
      await session.rotate()
      await session.reauthenticate()
    })
    expect(await ann.visit(dataOf)).toEqual({ n: 1 })
    expect(await ann.visit(async ({ tags }) => tags)).toEqual(['b'])
  })

  it('leaves the groups as they are, in the record and in the cookie', async () => {
    const store = memoryStore()
    const ann = world({ store }).browser()
    const id = await login(ann, ['a'])
    const before = await groupsIn(store, id)
    await ann.visit((session) => session.rotate())
    expect(await groupsIn(store, id)).toEqual(before)
    expect(await groupsUnderSeal(ann)).toEqual(before.map(({ group }) => group))
  })

  it('keeps the epoch of each group that the session stays in', async () => {
    const store = memoryStore()
    const { browser, sessions } = world({ store })
    const ann = browser()
    const id = await login(ann, ['a'])
    const before = await groupsIn(store, id)
    await sessions.revokeAll({ tag: 'a' }, { except: id })
    await ann.visit((session) => session.rotate({ tags: ['a', 'b'] }))
    const after = await groupsIn(store, id)
    expect(after).toEqual([...before, { group: 'tag:b', epoch: null }])
    expect(await ann.whoami()).toBe('ann')
  })

  it('reads the epochs again only where the session leaves a group', async () => {
    const { browser, store } = faultyWorld()
    const ann = browser()
    await login(ann, ['a'])
    const readsOf = async (tags?: readonly string[]): Promise<number> => {
      const reads = (): number => store.calls.filter(({ operation }) => operation === 'read').length
      const { session } = await ann.request()
      const before = reads()
      await session.rotate(tags && { tags })
      return reads() - before
    }
    expect(await readsOf()).toBe(1)
    await login(ann, ['a'])
    expect(await readsOf(['a', 'b'])).toBe(1)
    await login(ann, ['a'])
    expect(await readsOf(['b'])).toBe(2)
  })

  it('out of a group does not escape a revocation of it that comes before the write', async () => {
    const store = memoryStore()
    const { browser } = world({ store })
    const ann = browser()
    const id = await login(ann, ['a', 'b'])
    const update = store.update.bind(store)
    store.update = async (...given) => {
      // As far as the one write of a revocation that deletes the records later.
      const now = new Date(Date.UTC(2030, 0, 1))
      await store.revoke({ group: 'tag:a', now, expiresAt: new Date(Date.UTC(2031, 1, 1)) })
      return update(...given)
    }
    await ann.visit(async (session) => {
      await expect(session.rotate({ tags: ['b'] })).rejects.toMatchObject(ended)
      expect(session.active).toBe(false)
    })
    expect((await store.read(id, [])).record).toBeUndefined()
  })

  it('that goes out too late says so', async () => {
    const { browser, store } = faultyWorld()
    const ann = browser()
    await login(ann)
    const request = await ann.request()
    store.pause('update')
    const rotating = request.session.rotate()
    await store.reached('update')
    request.sendHeaders()
    store.release()
    await expect(rotating).rejects.toMatchObject({ code: 'ERR_HEADERS_SENT' })
  })

  it.each([
    ['rotate', (session: { rotate(options: object): unknown }) => session.rotate({ tag: [] })],
    ['end', (session: { end(options: object): unknown }) => session.end({ clear: true })],
  ])('and its like refuse an option that nobody knows: %s', async (name, call) => {
    const { session } = await world().browser().request()
    await expect(call(session)).rejects.toMatchObject({
      code: 'ERR_CONFIG',
      message: expect.stringContaining(name) as unknown,
    })
  })
})

describe('a cookie that lives shorter than the record says', () => {
  it('is as old as the absolute timeout of who sealed it last', async () => {
    const store = memoryStore()
    const [before, after] = [1000, 100].map((absoluteTimeout) =>
      world({ store, absoluteTimeout, idleTimeout: 50 }),
    )
    const ann = before?.browser()
    await ann?.login('ann')
    const later = after?.browser()
    if (later && ann) later.cookie = ann.cookie
    after?.advance(40)
    const request = await later?.request()
    await request?.session.rotate()
    expect(request?.queued?.setCookie).toContain('Max-Age=60;')
  })
})

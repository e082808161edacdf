import { describe, expect, it } from 'vitest'
import type { Session } from '../src/index.ts'
import type { FaultyStore, StoreMoment } from '../src/testing/index.ts'
import { faultyWorld, groupsUnderSeal, type Browser } from './support/browser.ts'

const down = { code: 'ERR_STORE_UNAVAILABLE' }

function setUp(): ReturnType<typeof faultyWorld> & { ann: Browser } {
  const all = faultyWorld()
  return { ...all, ann: all.browser() }
}

/** A rotation whose write fails, and of which nobody can tell what has become. */
async function rotateUnseen(
  store: FaultyStore,
  session: Session,
  { when = 'before', tags }: { when?: StoreMoment; tags?: readonly string[] } = {},
): Promise<void> {
  // The read before the write goes through, those after it do not.
  store.pause('update')
  store.fail('update', { when, times: 1 })
  const rotating = session.rotate(tags && { tags })
  await store.reached('update')
  store.fail('read')
  store.release()
  await expect(rotating).rejects.toMatchObject(down)
}

describe('a write whose answer is lost', () => {
  it('at a login has happened: the login resolves, by what a majority has', async () => {
    const { store, ann } = setUp()
    store.fail('insert', { when: 'after', times: 1 })
    await ann.login('ann')
    expect(await ann.whoami()).toBe('ann')
    const after = store.calls.findIndex(({ operation }) => operation === 'insert') + 1
    const [id, groups, options] = store.calls[after]?.args ?? []
    expect([typeof id, groups, options]).toEqual(['string', [], { acknowledged: true }])
  })

  it('at a rotation has happened: the new cookie is sent', async () => {
    const { store, ann } = setUp()
    await ann.login('ann')
    store.fail('update', { when: 'after', times: 1 })
    await ann.visit((session) => session.rotate())
    expect(await ann.whoami()).toBe('ann')
  })

  it('at a rotation that the store has not seen is an error, and signs nobody out', async () => {
    const { store, ann } = setUp()
    await ann.login('ann')
    store.fail('update', { times: 1 })
    await ann.visit((session) => expect(session.rotate()).rejects.toMatchObject(down))
    expect(await ann.whoami()).toBe('ann')
  })

  it('at a rotation names no group twice in the cookie of both secrets', async () => {
    const { store, ann } = setUp()
    await ann.visit((session) => session.create({ userId: 'ann', tags: ['a'] }))
    await ann.visit((session) => rotateUnseen(store, session, { tags: ['a', 'b'] }))
    expect(await groupsUnderSeal(ann)).toEqual(['everyone', 'user:ann', 'tag:a', 'tag:b'])
  })

  it('at a rotation leaves alone the cookie that the same request was given', async () => {
    const { store, ann } = setUp()
    const request = await ann.request()
    await request.session.create({ userId: 'ann' })
    const { setCookie } = request.queued ?? {}
    await rotateUnseen(store, request.session)
    expect(request.queued?.setCookie).toBe(setCookie)
  })

  it('and nothing can be read either: the call rejects, and the cookie stays', async () => {
    const { store, ann } = setUp()
    await ann.login('ann')
    await ann.visit((session) => rotateUnseen(store, session))
    store.restore()
    expect(await ann.whoami()).toBe('ann')
  })

  it.each([
    ['never happened', 'before'],
    ['has happened', 'after'],
  ] as const)(
    'at a rotation that %s, and nobody can tell: nobody is signed out',
    async (_name, when) => {
      const { store, ann, browser } = setUp()
      await ann.login('ann')
      const thief = browser()
      thief.cookie = ann.cookie
      await ann.visit((session) => rotateUnseen(store, session, { when }))
      expect(ann.cookie).not.toBe(thief.cookie)
      store.restore()
      expect(await ann.whoami()).toBe('ann')
      expect(await thief.whoami()).toBe(when === 'before' ? 'ann' : undefined)
      await ann.visit((session) => session.rotate())
      expect(await ann.whoami()).toBe('ann')
      expect(await thief.whoami()).toBeUndefined()
    },
  )

  it('at a rotation out of a tag does not escape the revocation of that tag', async () => {
    const { store, ann, sessions } = setUp()
    await ann.visit((session) => session.create({ userId: 'ann', tags: ['admin'] }))
    store.pause('update')
    store.pause('purge')
    store.fail('update', { when: 'after', times: 1 })
    let revoking: Promise<number> | undefined
    await ann.visit(async (session) => {
      const rotating = session.rotate({ tags: [] })
      await store.reached('update')
      revoking = sessions.revokeAll({ tag: 'admin' })
      await store.reached('purge')
      store.fail('read', { times: 1 })
      store.release('update')
      await expect(rotating).rejects.toMatchObject(down)
    })
    store.restore()
    await revoking
    expect(await ann.whoami()).toBeUndefined()
  })

  it('twice at a rotation signs nobody out either', async () => {
    const { store, ann } = setUp()
    await ann.login('ann')
    for (const when of ['before', 'before', 'after', 'before'] as const) {
      await ann.visit((session) => rotateUnseen(store, session, { when, tags: [`tag-${when}`] }))
      store.restore()
      expect(await ann.whoami(), when).toBe('ann')
    }
  })

  it('at an end is an error, and the end can be called again', async () => {
    const { store, ann, sessions } = setUp()
    await ann.login('ann')
    await ann.visit(async (session) => {
      store.fail('delete', { when: 'after', times: 1 })
      await expect(session.end()).rejects.toMatchObject({ ...down, record: 'unknown' })
      expect(session.active).toBe(false)
      await session.end()
    })
    expect(ann.cookie).toBeUndefined()
    expect(await sessions.list('ann')).toEqual([])
  })
})

describe('a write that never arrives', () => {
  it('at a login leaves nothing', async () => {
    const { store, ann, sessions } = setUp()
    store.fail('insert', { times: 1 })
    await ann.visit(async (session) => {
      await expect(session.create({ userId: 'ann' })).rejects.toMatchObject(down)
      expect(session.active).toBe(false)
    })
    expect(await sessions.list('ann')).toEqual([])
  })

  it('at a save can be tried again: nothing is lost', async () => {
    const { store, ann } = setUp()
    await ann.login('ann')
    await ann.visit(async (session) => {
      session.data['n'] = 1
      store.fail('update', { times: 1 })
      await expect(session.save()).rejects.toMatchObject(down)
      expect(session.data).toEqual({ n: 1 })
      await session.save()
    })
    expect(await ann.visit(async ({ data }) => ({ ...data }))).toEqual({ n: 1 })
  })
})

describe('a read that fails after the write', () => {
  it.each([
    [2, 'is tried again: nobody is signed out'],
    [3, 'for good takes the new session back'],
  ])('%i times %s', async (times, _outcome) => {
    const { store, ann, sessions } = setUp()
    store.pause('insert', { when: 'after' })
    await ann.visit(async (session) => {
      const creating = session.create({ userId: 'ann' })
      await store.reached('insert')
      store.fail('read', { times })
      store.release()
      if (times < 3) await creating
      else await expect(creating).rejects.toMatchObject(down)
    })
    expect(await ann.whoami()).toBe(times < 3 ? 'ann' : undefined)
    expect(await sessions.list('ann')).toHaveLength(times < 3 ? 1 : 0)
  })
})

describe('a store of somebody else', () => {
  it('fails with its own error as the cause, and no text of it in the message', async () => {
    const { store, ann } = setUp()
    await ann.login('ann')
    const cause = new Error('password=hunter2')
    store.fail('read', { error: cause })
    const loading = ann.whoami()
    await expect(loading).rejects.toMatchObject({ ...down, cause, status: 503 })
    await expect(loading).rejects.not.toThrow('hunter2')
  })
})

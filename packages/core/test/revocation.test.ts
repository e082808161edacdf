import { describe, expect, it } from 'vitest'
import { memoryStore } from '../src/index.ts'
import { world } from './support/browser.ts'

const revoked = { code: 'ERR_SESSION_REVOKED' }
const ended = { code: 'ERR_SESSION_ENDED' }
const idp = { issuer: 'https://idp.example', subject: 's-1', sid: 'idp-session' }

describe('revokeAll', () => {
  it.each([
    ['a user id', 'ann'],
    ['{ userId }', { userId: 'ann' }],
    ['{ tag }', { tag: 'org:acme' }],
    ['{ everyone }', { everyone: true } as const],
  ])('by %s ends them everywhere and deletes the records', async (_name, target) => {
    const { browser, sessions } = world()
    const browsers = [browser(), browser(), browser()]
    for (const ann of browsers) {
      await ann.visit((session) => session.create({ userId: 'ann', tags: ['org:acme'] }))
    }
    expect(await sessions.revokeAll(target)).toBe(3)
    for (const ann of browsers) expect(await ann.whoami()).toBeUndefined()
    expect(await sessions.list('ann')).toEqual([])
    const [again] = browsers
    await again?.login('ann')
    expect(await again?.whoami()).toBe('ann')
  })

  it('leaves others alone', async () => {
    const { browser, sessions } = world()
    const bob = browser()
    await bob.login('bob')
    await sessions.revokeAll('ann')
    await sessions.revokeAll({ tag: 'bob' })
    await sessions.revokeAll({ tag: 'user:bob' })
    expect(await bob.whoami()).toBe('bob')
  })

  it('takes effect with its one write, before any record is deleted', async () => {
    const store = memoryStore()
    const purge = store.purge.bind(store)
    const { browser, sessions } = world({ store })
    const ann = browser()
    await ann.login('ann')
    store.purge = async (epoch) => {
      expect(await ann.whoami()).toBeUndefined()
      expect(await sessions.list('ann')).toEqual([])
      return purge(epoch)
    }
    expect(await sessions.revokeAll('ann')).toBe(1)
  })

  it('a session cannot be written once its epoch has moved, whatever becomes of its record', async () => {
    const store = memoryStore()
    const { browser, sessions } = world({ store })
    const ann = browser()
    await ann.login('ann')
    const [save, update, rotate, others] = [
      await ann.request(),
      await ann.request(),
      await ann.request(),
      await ann.request(),
    ]
    store.purge = () => Promise.reject(new Error('down'))
    await expect(sessions.revokeAll('ann')).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
    await expect(sessions.revokeAll('ann')).rejects.toThrow('in effect')
    await expect(save?.session.save()).rejects.toMatchObject(ended)
    await expect(update?.session.update(() => {})).rejects.toMatchObject(ended)
    await expect(rotate?.session.rotate()).rejects.toMatchObject(ended)
    await expect(others?.session.revokeOthers()).rejects.toMatchObject(ended)
    expect(await ann.whoami()).toBeUndefined()
  })

  it('spares the excepted session, by object or id, time after time', async () => {
    const { browser, sessions } = world()
    const [kept, other] = [browser(), browser()]
    const id = await kept.login('ann')
    await other.login('ann')
    const { session } = await kept.request()
    expect(await sessions.revokeAll('ann', { except: session })).toBe(1)
    expect(await sessions.revokeAll({ userId: 'ann' }, { except: id })).toBe(0)
    expect(await kept.whoami()).toBe('ann')
    expect(await other.whoami()).toBeUndefined()
    expect(await sessions.revokeAll('ann')).toBe(1)
    expect(await kept.whoami()).toBeUndefined()
  })

  it('keeps nobody when the excepted session is dead or no member', async () => {
    const { browser, sessions } = world()
    const [ann, bob] = [browser(), browser()]
    const dead = await ann.login('ann')
    await ann.visit((session) => session.end())
    await ann.login('ann')
    expect(await sessions.revokeAll('ann', { except: dead })).toBe(1)
    const bobs = await bob.login('bob')
    await ann.login('ann')
    expect(await sessions.revokeAll('ann', { except: bobs })).toBe(1)
    expect(await sessions.revokeAll('ann', { except: 'no such id' })).toBe(0)
    expect(await bob.whoami()).toBe('bob')
  })

  it.each([
    [''],
    [{}],
    [{ user: 'ann' }],
    [{ userId: 'a', tag: 'b' }],
    [{ everyone: false }],
    [null],
  ])('refuses the target %j', async (target) => {
    const revoking = world().sessions.revokeAll(target as never)
    await expect(revoking).rejects.toMatchObject({ code: 'ERR_CONFIG' })
  })

  it.each([[null], [{}], [5], [{ id: 'x' }]])('refuses to spare %j', async (except) => {
    const revoking = world().sessions.revokeAll('ann', { except } as never)
    await expect(revoking).rejects.toMatchObject({ code: 'ERR_CONFIG' })
  })

  it('refuses names that fit into no cookie, so that none weighs on the reads of others', async () => {
    const { sessions } = world()
    const long = 'x'.repeat(2001)
    const config = { code: 'ERR_CONFIG' }
    await expect(sessions.fence(long)).rejects.toMatchObject(config)
    await expect(sessions.fence(undefined as never)).rejects.toMatchObject(config)
    await expect(sessions.revokeAll({ tag: long })).rejects.toMatchObject(config)
    await expect(sessions.list(long)).rejects.toMatchObject(config)
  })

  it('leaves the groups of a federation out of the tags', async () => {
    const { browser } = world()
    const ann = browser()
    await ann.visit((session) => session.create({ userId: 'ann', federation: idp, tags: ['t'] }))
    expect(await ann.visit(async ({ tags }) => tags)).toEqual(['t'])
  })
})

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
})

describe('fence', () => {
  it('lets no login escape a revocation that came after the credentials were checked', async () => {
    const { browser, sessions } = world()
    const targets = ['ann', { tag: 'org:acme' }, { everyone: true } as const]
    for (const target of targets) {
      const fence = await sessions.fence('ann', { tags: ['org:acme'] })
      await sessions.revokeAll(target)
      const late = browser()
      await late.visit(async (session) => {
        const creating = session.create({ userId: 'ann', tags: ['org:acme'], fence })
        await expect(creating).rejects.toMatchObject(revoked)
      })
      expect(await late.whoami()).toBeUndefined()
      expect(await sessions.list('ann')).toEqual([])
    }
  })

  it('covers the sessions of a subject of which no sid is known', async () => {
    const { browser, sessions } = world()
    const { issuer, subject } = idp
    const federation = { issuer, subject }
    const unnamed = await sessions.fence('ann', { federation })
    const named = await sessions.fence('ann', { federation: idp })
    await sessions.revokeAll({ federation: { ...federation, sid: null } })
    await browser().visit(async (session) => {
      const creating = session.create({ userId: 'ann', federation, fence: unnamed })
      await expect(creating).rejects.toMatchObject(revoked)
    })
    const ann = browser()
    await ann.visit((session) => session.create({ userId: 'ann', federation: idp, fence: named }))
    expect(await ann.whoami()).toBe('ann')
  })

  it('is good for a login that nothing overtook, also after a trip through JSON', async () => {
    const { browser, sessions } = world()
    await sessions.revokeAll('ann')
    const options = { tags: ['t'], federation: idp }
    const fence = await sessions.fence('ann', options)
    const carried = JSON.parse(JSON.stringify(fence)) as typeof fence
    const ann = browser()
    await ann.visit((session) => session.create({ userId: 'ann', ...options, fence: carried }))
    expect(await ann.whoami()).toBe('ann')
  })

  it.each([
    ['nothing', null],
    ['a word', 'fence'],
    ['no groups', { userId: 'ann', takenAt: Date.now() }],
    ['groups that are none', { userId: 'ann', takenAt: Date.now(), groups: [null] }],
  ])('that is %s is refused', async (_what, fence) => {
    await world()
      .browser()
      .visit(async (session) => {
        const creating = session.create({ userId: 'ann', fence: fence as never })
        await expect(creating).rejects.toMatchObject(revoked)
        expect(session.active).toBe(false)
      })
  })

  it('is not given where one of its groups was revoked at or after an instant', async () => {
    let now = Date.UTC(2030, 0, 1)
    const { sessions } = world({ clock: { now: () => now } })
    const { issuer, subject, sid } = idp
    const take = (since: Date): Promise<unknown> =>
      sessions.fence('ann', { tags: ['org:acme'], federation: idp, since })
    for (const target of [
      'ann',
      { tag: 'org:acme' },
      { federation: { issuer, subject } },
      { federation: { issuer, sid } },
      { everyone: true } as const,
    ]) {
      now += 1000
      await take(new Date(now))
      await sessions.revokeAll(target)
      await expect(take(new Date(now - 1000))).rejects.toMatchObject(revoked)
      await expect(take(new Date(now))).rejects.toMatchObject(revoked)
      await take(new Date(now + 1))
      await sessions.fence('ann', { tags: ['org:acme'], federation: idp })
    }
    now += 1000
    await sessions.revokeAll('bob')
    await sessions.revokeAll({ federation: { issuer, subject, sid: null } })
    await take(new Date(now))
  })

  it('takes no instant that is none', async () => {
    const { sessions } = world()
    for (const since of [new Date(Number.NaN), Date.now(), '2026-01-01', null]) {
      const taking = sessions.fence('ann', { since } as never)
      await expect(taking).rejects.toMatchObject({ code: 'ERR_CONFIG' })
      await expect(taking).rejects.toThrow('since must be a valid Date')
    }
  })

  it('is refused for another user, for what it does not cover, and when it is old', async () => {
    const { browser, sessions, advance } = world()
    const fence = await sessions.fence('ann', { tags: ['a'] })
    for (const options of [
      { userId: 'bob', fence },
      { fence },
      { userId: 'ann', tags: ['b'], fence },
      { userId: 'ann', federation: idp, fence },
    ]) {
      await browser().visit(async (session) => {
        await expect(session.create(options)).rejects.toMatchObject(revoked)
      })
    }
    advance(15 * 60)
    await browser().visit((session) => session.create({ userId: 'ann', fence }))
    advance(0.001)
    await browser().visit(async (session) => {
      await expect(session.create({ userId: 'ann', fence })).rejects.toMatchObject(revoked)
    })
  })
})

describe('a login that a revocation overtakes', () => {
  it('between reading the epochs and the insert is deleted and rejected', async () => {
    const store = memoryStore()
    const { browser, sessions } = world({ store })
    const insert = store.insert.bind(store)
    store.insert = async (record) => {
      await sessions.revokeAll('ann')
      return insert(record)
    }
    const ann = browser()
    await ann.visit(async (session) => {
      await expect(session.create({ userId: 'ann' })).rejects.toMatchObject(revoked)
      expect(session.active).toBe(false)
    })
    expect(ann.cookie).toBeUndefined()
    expect(await store.list('user:ann', new Date(0))).toEqual([])
  })
})

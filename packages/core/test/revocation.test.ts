import { describe, expect, it } from 'vitest'
import { memoryStore } from '../src/index.ts'
import { faultyStore } from '../src/testing/index.ts'
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
    [{ all: true }],
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
    expect(await sessions.list('x'.repeat(2000))).toEqual([])
  })

  it('takes as many short tags as the cookie holds', async () => {
    const { browser } = world()
    const tags = Array.from({ length: 200 }, (_, at) => `t${at}`)
    const ann = browser()
    await ann.visit((session) => session.create({ userId: 'ann', tags }))
    expect(await ann.visit(async (session) => session.tags)).toEqual(tags)
  })

  it('is remembered for 400 days, which no session outlives', async () => {
    const store = memoryStore()
    const { sessions } = world({ store })
    await sessions.revokeAll('ann')
    const { epochs } = await store.read(undefined, ['user:ann'])
    expect(epochs.get('user:ann')?.expiresAt).toEqual(new Date(Date.UTC(2030, 0, 401)))
  })

  it('spares a session under the epoch that it has in this very group', async () => {
    const { browser, sessions } = world()
    await sessions.revokeAll({ tag: 'b' })
    const ann = browser()
    await ann.visit((session) => session.create({ userId: 'ann', tags: ['a', 'b', 'c'] }))
    const id = await ann.visit(async (session) => session.id ?? '')
    for (const tag of ['a', 'b', 'c']) {
      expect(await sessions.revokeAll({ tag }, { except: id })).toBe(0)
      expect(await ann.whoami(), tag).toBe('ann')
    }
  })

  it('asks no store for a session to spare whose id cannot be one', async () => {
    const store = faultyStore(memoryStore())
    const { sessions } = world({ store })
    await sessions.revokeAll('ann', { except: 'no such id' })
    expect(store.calls.map(({ operation }) => operation)).toEqual(['revoke', 'purge'])
  })

  it.each([2, 3])('whose records are not deleted at %i tries in a row', async (times) => {
    const store = faultyStore(memoryStore())
    const { browser, sessions } = world({ store })
    await browser().login('ann')
    const cause = new Error('down')
    store.fail('purge', { times, error: cause })
    const revoking = sessions.revokeAll('ann')
    if (times < 3) expect(await revoking).toBe(1)
    else {
      await expect(revoking).rejects.toMatchObject({
        code: 'ERR_STORE_UNAVAILABLE',
        message: expect.stringContaining('is in effect') as unknown,
        cause: { code: 'ERR_STORE_UNAVAILABLE', cause },
      })
    }
    expect(store.calls.filter(({ operation }) => operation === 'purge')).toHaveLength(3)
    expect(await sessions.list('ann')).toEqual([])
  })

  it('is told to telemetry by its name', async () => {
    const spans: string[] = []
    const { browser, sessions } = world({
      telemetry: {
        span: (operation, run) => {
          spans.push(operation)
          return run()
        },
        event: () => {},
      },
    })
    await sessions.revokeAll('ann')
    await browser().visit((session) => session.end())
    expect(spans).toEqual(['revokeAll', 'load', 'end'])
  })

  it('leaves the groups of a federation out of the tags', async () => {
    const { browser } = world()
    const ann = browser()
    await ann.visit((session) => session.create({ userId: 'ann', federation: idp, tags: ['t'] }))
    expect(await ann.visit(async ({ tags }) => tags)).toEqual(['t'])
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

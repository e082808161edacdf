import { describe, expect, it } from 'vitest'
import type { Session, SessionRecord } from '../src/index.ts'
import type { FaultyStore } from '../src/testing/index.ts'
import { faultyWorld, type Browser } from './support/browser.ts'
import { add, dataOf } from './support/handlers.ts'

const late = { code: 'ERR_HEADERS_SENT' }

const count = ({ calls }: FaultyStore, wanted: string): number =>
  calls.filter(({ operation }) => operation === wanted).length

const inserted = ({ calls }: FaultyStore): SessionRecord =>
  calls.find(({ operation }) => operation === 'insert')?.args[0] as SessionRecord

describe('a new session', () => {
  it('is written as a first version, with nothing but what is known', async () => {
    const { browser, store } = faultyWorld()
    await browser().visit((session) => session.create({ userId: 'ann' }))
    const record = inserted(store)
    expect(record.version).toBe(1)
    expect(record).not.toHaveProperty('device')
  })

  it('has a device without what is unknown of it', async () => {
    const { browser, store } = faultyWorld()
    const device = { label: 'Phone', ip: undefined }
    await browser().visit((session) => session.create({ userId: 'ann', device }))
    expect(Object.entries(inserted(store).device ?? {})).toEqual([['label', 'Phone']])
  })

  it('reads the epochs of its groups and of no other', async () => {
    const { browser, store } = faultyWorld()
    await browser().visit((session) => session.create({ userId: 'ann' }))
    expect(store.calls.filter(({ operation }) => operation === 'read')).toMatchObject([
      { args: [undefined, ['everyone', 'user:ann']] },
      { args: [undefined, ['everyone', 'user:ann']] },
    ])
  })

  it('of a visitor counts for nobody', async () => {
    const { browser } = faultyWorld({ maxSessionsPerUser: 1, onLimit: 'end-oldest' })
    const visitors = [browser(), browser()]
    for (const visitor of visitors) await visitor.visit(add('n', 1))
    for (const visitor of visitors) expect(await visitor.visit(dataOf)).toEqual({ n: 1 })
  })

  it('is an error where the store has another under its id', async () => {
    const { browser, store } = faultyWorld()
    store.insert = async () => false
    await browser().visit(async (session) => {
      await expect(session.create({ userId: 'ann' })).rejects.toMatchObject({
        code: 'ERR_STORE_UNAVAILABLE',
        message: expect.stringContaining('already holds') as unknown,
      })
    })
  })

  it('keeps what the same user has stored and been told', async () => {
    const { browser } = faultyWorld()
    const ann = browser()
    await ann.login('ann')
    await ann.visit(add('n', 1))
    await ann.visit((session) => session.flash('notice', 'hello'))
    await ann.login('ann')
    expect(await ann.visit(dataOf)).toEqual({ n: 1 })
    expect(await ann.visit((session) => session.flash('notice'))).toBe('hello')
  })

  it('is a new one where the visitor has been gone for too long since the request began', async () => {
    const { browser, advance } = faultyWorld({ idleTimeout: 60 })
    const visitor = browser()
    await visitor.visit(add('n', 1))
    const request = await visitor.request()
    const before = request.session.id
    advance(61)
    await request.session.create({ userId: 'ann' })
    visitor.receive(request)
    expect(await visitor.whoami()).toBe('ann')
    expect(request.session.id).not.toBe(before)
  })

  it('waits for a visitor who saves all the time, and is not counted out', async () => {
    const { browser, store } = faultyWorld({ maxSessionsPerUser: 1, onLimit: 'reject' })
    const visitor = browser()
    await visitor.visit(add('n', 0))
    const other = browser()
    other.cookie = visitor.cookie
    const { insert } = store
    let saves = 0
    store.insert = async (record) => {
      if (saves < 12) await other.visit(add('n', ++saves))
      return insert(record)
    }
    await visitor.login('ann')
    expect(await visitor.whoami()).toBe('ann')
    expect(await visitor.visit(dataOf)).toEqual({ n: 12 })
  })
})

describe('a login after the headers have left', () => {
  /** Of bob, in ann's browser: they leave while the store is at this operation. */
  async function loginLate(operation: 'insert' | 'delete'): Promise<Browser> {
    const { browser, sessions, store } = faultyWorld()
    const ann = browser()
    await ann.login('ann')
    const request = await ann.request()
    store.pause(operation)
    const creating = request.session.create({ userId: 'bob' })
    await store.reached(operation)
    request.sendHeaders()
    store.release()
    await expect(creating).rejects.toMatchObject(late)
    expect(await sessions.list('bob')).toEqual([])
    return ann
  }

  it('meanwhile leaves the session of another user alone', async () => {
    const ann = await loginLate('insert')
    expect(await ann.whoami()).toBe('ann')
  })

  it('while the session of another user ends is taken back', async () => {
    await loginLate('delete')
  })

  it('or a message writes nothing', async () => {
    const { browser, store } = faultyWorld()
    const ann = browser()
    await ann.login('ann')
    const request = await ann.request()
    await request.session.end()
    request.sendHeaders()
    const before = count(store, 'insert')
    await expect(request.session.flash('notice', 'bye')).rejects.toMatchObject(late)
    expect(count(store, 'insert')).toBe(before)
  })
})

describe('a session that the store never lets anybody write', () => {
  it.each([
    ['create', (session: Session) => session.create({ userId: 'ann' })],
    ['rotate', (session: Session) => session.rotate()],
  ])('makes %s give up after a thousand tries', async (_name, call) => {
    const { browser, store } = faultyWorld()
    const ann = browser()
    await ann.login('ann')
    let tries = 0
    store.update = async () => {
      tries++
      return false
    }
    await ann.visit(async (session) => {
      await expect(call(session)).rejects.toMatchObject({
        code: 'ERR_STORE_UNAVAILABLE',
        message: expect.stringContaining('Too many writes') as unknown,
      })
    })
    expect(tries).toBe(1000)
    expect(await ann.whoami()).toBe('ann')
  })
})

describe('a session that is over', () => {
  it('is deleted by one call, however often it ends and whoever comes next', async () => {
    const { browser, store } = faultyWorld()
    const ann = browser()
    await browser().visit((session) => session.end())
    expect(count(store, 'delete')).toBe(0)
    await ann.login('ann')
    await ann.visit(async (session) => {
      await session.end()
      await session.end()
      await session.create({ userId: 'bob' })
    })
    expect(count(store, 'delete')).toBe(1)
    expect(await ann.whoami()).toBe('bob')
  })

  it('is deleted where it had only expired', async () => {
    const { browser, store, advance } = faultyWorld({ idleTimeout: 60 })
    const ann = browser()
    const id = await ann.login('ann')
    advance(61)
    store.fail('delete', { times: 1 })
    const request = await ann.request().catch(() => ann.request())
    await request.session.end()
    expect((await store.read(id, [])).record).toBeUndefined()
    ann.receive(request)
    expect(ann.cookie).toBeUndefined()
  })

  it('by another request is over for this one too, once it has tried to write', async () => {
    const { browser } = faultyWorld()
    const ann = browser()
    await ann.login('ann')
    const request = await ann.request()
    const { session } = request
    await ann.visit((other) => other.end())
    session.data['n'] = 1
    await expect(session.save()).rejects.toMatchObject({ code: 'ERR_SESSION_ENDED' })
    expect([session.active, session.data]).toEqual([false, {}])
    await session.end()
    expect(request.queued?.setCookie).toContain('Max-Age=0')
    await session.create({ userId: 'ann' })
    ann.receive(request)
    expect(await ann.whoami()).toBe('ann')
  })

  it('is no live one that a visitor may write into: nothing is run for it', async () => {
    const { browser } = faultyWorld()
    const ann = browser()
    await ann.login('ann')
    const old = browser()
    old.cookie = ann.cookie
    await ann.visit((session) => session.rotate())
    let calls = 0
    await old.visit(async (session) => {
      const updating = session.update(() => {
        calls++
      })
      await expect(updating).rejects.toMatchObject({ code: 'ERR_SESSION_ENDED' })
    })
    expect(calls).toBe(0)
  })

  it('leaves no record where it has just begun and nobody waited', async () => {
    const { browser, sessions } = faultyWorld()
    const request = await browser().request()
    await Promise.all([request.session.create({ userId: 'ann' }), request.session.end()])
    expect(request.queued?.setCookie).toContain('Max-Age=0')
    expect(await sessions.list('ann')).toEqual([])
  })

  it('has a cookie again where a login came after it', async () => {
    const { browser } = faultyWorld()
    const ann = browser()
    await ann.login('ann')
    const request = await ann.request()
    await request.session.end()
    await request.session.create({ userId: 'ann' })
    request.sendHeaders()
    await expect(request.session.end()).rejects.toMatchObject({ ...late, record: 'deleted' })
  })
})

import { describe, expect, it } from 'vitest'
import { RequestSession } from '../src/request-session.ts'
import { world } from './support/browser.ts'
import { add, dataOf } from './support/handlers.ts'

describe('save and update', () => {
  it('merge: two requests that change different keys both persist', async () => {
    const ann = world().browser()
    await ann.login('ann')
    const [first, second] = [await ann.request(), await ann.request()]
    first.session.data['a'] = 1
    second.session.data['b'] = 2
    await Promise.all([first.session.save(), second.session.save()])
    expect(await ann.visit(dataOf)).toEqual({ a: 1, b: 2 })
    await second.session.save()
    expect(second.session.data).toEqual({ a: 1, b: 2 })
  })

  it('remove keys, and leave those of others alone', async () => {
    const ann = world().browser()
    await ann.login('ann')
    await ann.visit(add('a', 1))
    const request = await ann.request()
    await ann.visit(add('b', 2))
    delete request.session.data['a']
    await request.session.save()
    expect(await ann.visit(dataOf)).toEqual({ b: 2 })
    expect(request.session.data).toEqual({ b: 2 })
  })

  it('are forgotten as long as nobody calls them, and not where they cannot matter any more', async () => {
    const { browser } = world()
    const ann = browser()
    await ann.login('ann')
    const { session } = await ann.request()
    if (!(session instanceof RequestSession)) throw new Error('it is another session')
    expect(session.hasForgottenChanges()).toBe(false)
    session.data['a'] = 1n
    expect(session.hasForgottenChanges()).toBe(true)
    session.data['a'] = 1
    expect(session.hasForgottenChanges()).toBe(true)
    const saving = session.save()
    expect(session.hasForgottenChanges()).toBe(false)
    await saving
    expect(session.hasForgottenChanges()).toBe(false)
    session.data['a'] = 2
    expect(session.hasForgottenChanges()).toBe(true)
    await session.end()
    session.data['a'] = 3
    expect(session.hasForgottenChanges()).toBe(false)
  })

  it('update loses no count of 50 at once, and keeps what is not saved yet', async () => {
    const ann = world().browser()
    await ann.login('ann')
    const requests = await Promise.all(Array.from({ length: 50 }, () => ann.request()))
    await Promise.all(
      requests.map(async ({ session }) => {
        session.data['draft'] = true
        await session.update((data) => {
          data['n'] = Number(data['n'] ?? 0) + 1
        })
        expect(session.data['draft']).toBe(true)
      }),
    )
    expect(await ann.visit(dataOf)).toEqual({ n: 50 })
  })

  it('keep what changed while the write was under way', async () => {
    const ann = world().browser()
    await ann.login('ann')
    const { session } = await ann.request()
    session.data['a'] = 1
    const saving = session.save()
    session.data['b'] = 2
    await saving
    expect(session.data).toEqual({ a: 1, b: 2 })
    expect(await ann.visit(dataOf)).toEqual({ a: 1 })
    await session.save()
    expect(await ann.visit(dataOf)).toEqual({ a: 1, b: 2 })
  })

  it.each([1, 'text', [1], true, new Map([['a', 1]]), new Date()])(
    'refuse %j in place of the data, and lose nothing',
    async (wrong) => {
      const ann = world().browser()
      await ann.login('ann')
      await ann.visit(add('n', 1))
      await ann.visit(async (session) => {
        await expect(session.update(() => wrong as never)).rejects.toMatchObject({
          code: 'ERR_DATA_INVALID',
        })
      })
      expect(await ann.visit(dataOf)).toEqual({ n: 1 })
    },
  )

  it('lose no key beside one that is not JSON yet', async () => {
    const ann = world().browser()
    await ann.login('ann')
    await ann.visit(async (session) => {
      session.data['draft'] = new Map()
      await session.update((data) => ({ ...data, n: 1 }))
      delete session.data['draft']
      await session.save()
    })
    expect(await ann.visit(dataOf)).toEqual({ n: 1 })
  })

  it('refuse to use the session inside its own update', async () => {
    const ann = world().browser()
    await ann.login('ann')
    await ann.visit(async (session) => {
      await expect(session.update(async () => session.save())).rejects.toMatchObject({
        code: 'ERR_CONFIG',
      })
      await session.save()
    })
  })

  it('reject with the path of what is no JSON, and leave the session as it was', async () => {
    const ann = world().browser()
    await ann.login('ann')
    await ann.visit(async (session) => {
      session.data['bad'] = { inner: new Map() }
      await expect(session.save()).rejects.toMatchObject({
        code: 'ERR_DATA_INVALID',
        path: ['bad', 'inner'],
      })
      await session.rotate()
    })
    expect(await ann.whoami()).toBe('ann')
  })

  it('with a schema write only what it accepts', async () => {
    const schema = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value: unknown) =>
          typeof (value as { n?: unknown }).n === 'number'
            ? { value: value as Record<string, unknown> }
            : { issues: [{ message: 'no', path: [{ key: 'n' }] }] },
      },
    } as const
    const visitor = world({ schema }).browser()
    await visitor.visit(add('n', 1))
    await visitor.visit(async (session) => {
      session.data['n'] = 'one'
      await expect(session.save()).rejects.toMatchObject({ code: 'ERR_DATA_INVALID', path: ['n'] })
    })
    expect(await visitor.visit(dataOf)).toEqual({ n: 1 })
  })
})

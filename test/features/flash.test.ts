import { expect, it } from 'vitest'
import { z } from 'zod'
import { Browser, dataOf, onEachAppAndStore, put, type Handle } from './support.ts'

type Take = Handle<object, unknown>
const take: Take = (session) => session.flash('notice')
const leave: Handle<object, void> = (session) => session.flash('notice', 'Saved')

onEachAppAndStore('flash', (world) => {
  it('a message is there for one request, on any node, and gone after it', async () => {
    const [here, there] = await world().nodes()
    const ann = new Browser()
    await ann.login(here, 'ann')
    await ann.visit(here, leave)
    expect(await ann.visit(there, take)).toBe('Saved')
    expect(await ann.visit(here, take)).toBeUndefined()
  })

  it('two requests that take a message at the same time: exactly one gets it', async () => {
    const { nodes, store } = world()
    const [here, there] = await nodes()
    const ann = new Browser()
    await ann.login(here, 'ann')
    await ann.visit(here, leave)
    store.pause('update', { times: 2 })
    const taking = [ann.copy().visit(here, take), ann.copy().visit(there, take)]
    await store.reached('update', 2)
    store.restore()
    expect((await Promise.all(taking)).filter((found) => found !== undefined)).toEqual(['Saved'])
  })

  it('two requests that leave messages at the same time leave both', async () => {
    const { nodes, store } = world()
    const [here, there] = await nodes()
    const ann = new Browser()
    await ann.login(here, 'ann')
    store.pause('update', { times: 2 })
    const leaving = [
      ann.copy().visit(here, (session) => session.flash('a', 1)),
      ann.copy().visit(there, (session) => session.flash('b', 2)),
    ]
    await store.reached('update', 2)
    store.restore()
    await Promise.all(leaving)
    const both = await ann.visit(here, async (session) => [
      await session.flash('a'),
      await session.flash('b'),
    ])
    expect(both).toEqual([1, 2])
  })

  it.each([[null], [0], [''], [false], [{ text: 'a', parts: [1, null] }], [[]]])(
    'the value %j comes back as it was left',
    async (value) => {
      const [here, there] = await world().nodes()
      const visitor = new Browser()
      await visitor.visit(here, (session) => session.flash('notice', value))
      expect(await visitor.visit(there, take)).toStrictEqual(value)
      expect(await visitor.visit(here, take)).toBeUndefined()
    },
  )

  it.each([[undefined], [() => {}], [new Map()], [Number.NaN]])(
    'the value %s is refused, and leaves nothing',
    async (value) => {
      const { node, count } = world()
      const here = await node()
      const { setCookies, outcome } = await new Browser().open(here, (session) =>
        session.flash('notice', value),
      )
      expect(outcome).toMatchObject({ reason: { code: 'ERR_DATA_INVALID', path: ['notice'] } })
      expect([setCookies, count('insert')]).toEqual([[], 0])
    },
  )

  it('a message survives a redirect, for a visitor without a session too', async () => {
    const [here, there] = await world().nodes()
    const visitor = new Browser()
    const posted = await visitor.open(here, async (session, reply) => {
      await session.flash('notice', 'Thank you')
      await reply.redirect('/next')
    })
    expect(posted).toMatchObject({ status: 302, location: '/next' })
    expect(posted.setCookies).toHaveLength(1)
    expect(await visitor.visit(there, take)).toBe('Thank you')
  })

  it('messages under the keys of prototypes are messages like any other', async () => {
    const [here, there] = await world().nodes()
    const visitor = new Browser()
    for (const key of ['__proto__', 'constructor', '']) {
      expect(await visitor.visit(here, (session) => session.flash(key))).toBeUndefined()
      await visitor.visit(here, (session) => session.flash(key, { admin: true }))
      expect(await visitor.visit(there, (session) => session.flash(key))).toEqual({ admin: true })
      expect(await visitor.visit(here, (session) => session.flash(key))).toBeUndefined()
    }
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
  })

  it('a message is in no data: not for handlers, not for update, not for the schema', async () => {
    const schema = z.strictObject({ n: z.number().default(0) })
    const here = await world().node({ schema })
    const ann = new Browser()
    await ann.login(here, 'ann')
    await ann.visit(here, leave)
    const seen = await ann.visit(here, async (session) => {
      let inUpdate: object | undefined
      await session.update((data) => {
        inUpdate = { ...data }
      })
      return [dataOf(session), inUpdate, JSON.stringify(session)]
    })
    expect(seen).toEqual([{ n: 0 }, { n: 0 }, expect.not.stringContaining('Saved')])
    expect(await ann.visit(here, take)).toBe('Saved')
  })

  it.each<[string, Handle<Record<string, unknown>, void>]>([
    ['save', put({ n: 1 })],
    ['update', (session) => session.update(() => ({ n: 2 }))],
    ['rotate', (session) => session.rotate()],
    ['the login of a visitor', (session) => session.create({ userId: 'ann', data: { n: 3 } })],
    ['another message', (session) => session.flash('other', 'x')],
  ])('%s keeps an unread message', async (_call, handle) => {
    const [here, there] = await world().nodes()
    const ann = new Browser()
    await ann.visit(here, leave)
    await ann.visit(there, handle)
    expect(await ann.visit(here, take)).toBe('Saved')
  })

  it('leaving and taking a message leaves what the handler has not saved as it is', async () => {
    const here = await world().node()
    const ann = new Browser()
    await ann.login(here, 'ann', { data: { n: 1 } })
    await ann.visit(here, async (session) => {
      session.data['n'] = 2
      await session.flash('notice', 'Saved')
      await session.flash('notice')
      expect(session.data).toEqual({ n: 2 })
      // So that nothing is left unsaved, which would be warned of.
      session.data['n'] = 1
    })
    expect(await ann.visit(here, dataOf)).toEqual({ n: 1 })
  })

  it('asking for a message that is not there writes nothing and sends nothing', async () => {
    const { node, store } = world()
    const here = await node()
    const [ann, visitor] = [new Browser(), new Browser()]
    await ann.login(here, 'ann')
    const before = store.calls.length
    for (const browser of [ann, visitor]) {
      expect((await browser.open(here, take)).setCookies).toEqual([])
    }
    expect(store.calls.slice(before).map(({ operation }) => operation)).toEqual(['read'])
  })
})

import { expect, it } from 'vitest'
import { z } from 'zod'
import { Browser, dataOf, onEachAppAndStore, put, type World } from './support.ts'

const withDefaults = z.object({
  cart: z.array(z.string()).default([]),
  theme: z.string().optional(),
})
const withoutDefaults = z.object({ cart: z.array(z.string()) })

/** Ann, whose cart was stored as a text before there was a schema. */
async function annOfOld({ node }: World): Promise<{ ann: Browser; id: string }> {
  const ann = new Browser()
  const id = await ann.login(await node(), 'ann', { data: { cart: 'tea', theme: 'dark' } })
  return { ann, id }
}

onEachAppAndStore('older-data', (world) => {
  it('older data that does not validate is reset to the defaults, and the user stays signed in', async () => {
    const { ann, id } = await annOfOld(world())
    const here = await world().node({ schema: withDefaults })
    const { outcome, setCookies } = await ann.open(here, (session) => [
      session.id,
      session.userId,
      dataOf(session),
    ])
    expect(outcome).toMatchObject({ value: [id, 'ann', { cart: [] }] })
    expect(setCookies).toEqual([])
  })

  it('without defaults it is reset to no data, and logging out works', async () => {
    const { ann, id } = await annOfOld(world())
    const here = await world().node({ schema: withoutDefaults })
    expect(await ann.visit(here, dataOf)).toEqual({})
    await ann.visit(here, (session) => session.end())
    expect(await world().record(id)).toBeUndefined()
  })

  it('a reset overwrites nothing before the next write of data', async () => {
    const { ann, id } = await annOfOld(world())
    const here = await world().node({ schema: withDefaults, touchAfter: 0 })
    world().clock.advance(10)
    await ann.visit(here, dataOf)
    await ann.visit(here, (session) => session.rotate())
    await ann.visit(here, (session) => session.reauthenticate())
    expect(await world().record(id)).toMatchObject({ data: '{"cart":"tea","theme":"dark"}' })
    await ann.visit(here, put({ cart: ['milk'] }))
    expect(await world().record(id)).toMatchObject({ data: '{"cart":["milk"]}' })
  })

  it('an unread message outlives the reset of older data', async () => {
    const { ann } = await annOfOld(world())
    const before = await world().node()
    await ann.visit(before, (session) => session.flash('notice', 'Saved'))
    const here = await world().node({ schema: withDefaults })
    expect(await ann.visit(here, (session) => session.flash('notice'))).toBe('Saved')
    expect(await ann.visit(here, (session) => session.flash('notice'))).toBeUndefined()
  })

  it('older data that validates is not reset, and gets the defaults of new keys', async () => {
    const ann = new Browser()
    await ann.login(await world().node(), 'ann', { data: { theme: 'dark' } })
    const here = await world().node({ schema: withDefaults })
    expect(await ann.visit(here, dataOf)).toEqual({ cart: [], theme: 'dark' })
  })

  it('with onInvalidData reject the request is refused with the path, and nobody is signed out', async () => {
    const { ann, id } = await annOfOld(world())
    const here = await world().node({ schema: withDefaults, onInvalidData: 'reject' })
    const header = (name: string): string | undefined =>
      name === 'cookie' ? ann.cookie : undefined
    const loading = here.sessions.load({ header, headersSent: () => false, queue: () => {} })
    await expect(loading).rejects.toMatchObject({ code: 'ERR_DATA_INVALID', path: ['cart'] })
    const { status, setCookies, outcome } = await ann.open(here, dataOf)
    expect([status, setCookies, outcome]).toEqual([500, [], undefined])
    expect(await world().record(id)).toMatchObject({ data: '{"cart":"tea","theme":"dark"}' })
    const mended = await world().node({ onInvalidData: 'reject' })
    expect(await ann.whoami(mended)).toBe('ann')
  })

  it('with onInvalidData reject a session that cannot be loaded can still be ended from outside', async () => {
    const { ann, id } = await annOfOld(world())
    const here = await world().node({ schema: withDefaults, onInvalidData: 'reject' })
    expect(await here.sessions.list('ann')).toHaveLength(1)
    expect(await here.sessions.destroy(id, { userId: 'ann' })).toBe(true)
    expect(await ann.whoami(here)).toBeUndefined()
  })
})

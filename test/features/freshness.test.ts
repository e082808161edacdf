import { expect, it } from 'vitest'
import { Browser, onEachAppAndStore } from './support.ts'

onEachAppAndStore('freshness', (world) => {
  it('authenticatedAt is the login, or the last time that the user proved who they are', async () => {
    const { nodes, clock } = world()
    const [here, there] = await nodes({ touchAfter: 0 })
    const ann = new Browser()
    await ann.login(here, 'ann')
    const login = new Date(clock.now())
    clock.advance(100)
    await ann.visit(there, (session) => session.rotate())
    const at = (): Promise<Date | undefined> =>
      ann.visit(there, (session) => session.authenticatedAt)
    expect(await at()).toEqual(login)
    await ann.visit(here, (session) => session.reauthenticate())
    expect(await at()).toEqual(new Date(clock.now()))
    expect(await ann.visit(there, (session) => session.createdAt)).toEqual(login)
  })

  it('isFresh holds for exactly so many seconds after it', async () => {
    const { nodes, clock } = world()
    const [here, there] = await nodes()
    const ann = new Browser()
    await ann.login(here, 'ann')
    clock.advance(300)
    const fresh = (): Promise<boolean> => ann.visit(there, (session) => session.isFresh(300))
    expect(await fresh()).toBe(true)
    clock.advance(0.001)
    expect(await fresh()).toBe(false)
    await ann.visit(here, (session) => session.reauthenticate())
    expect(await fresh()).toBe(true)
  })

  it('nobody is fresh who is not signed in', async () => {
    const here = await world().node()
    const visitor = new Browser()
    const fresh = (): Promise<boolean> => visitor.visit(here, (session) => session.isFresh(86_400))
    expect(await fresh()).toBe(false)
    await visitor.visit(here, (session) => session.create())
    expect(await fresh()).toBe(false)
    const reauthenticated = visitor.visit(here, (session) => session.reauthenticate())
    await expect(reauthenticated).rejects.toMatchObject({ code: 'ERR_SESSION_ENDED' })
  })

  it('reauthenticate rotates: the same session under a new cookie, and the old one stops', async () => {
    const [here, there] = await world().nodes()
    const ann = new Browser()
    const id = await ann.login(here, 'ann', { data: { cart: ['tea'] } })
    const thief = ann.copy()
    const { setCookies } = await ann.open(there, (session) => session.reauthenticate())
    expect(setCookies).toHaveLength(1)
    expect(ann.cookie).not.toBe(thief.cookie)
    for (const node of [here, there]) {
      expect(await thief.whoami(node)).toBeUndefined()
      expect(await ann.visit(node, (session) => [session.id, session.data['cart']])).toEqual([
        id,
        ['tea'],
      ])
    }
  })
})

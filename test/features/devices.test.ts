import { sealData } from 'iron-session'
import { expect, it } from 'vitest'
import { Browser, DELETED, onEachAppAndStore, SECRET, touched } from './support.ts'

onEachAppAndStore('devices', (world) => {
  it('list shows the sessions of a user newest first, with the device facts that the app gave and nothing else', async () => {
    const { nodes, clock } = world()
    const [here, there] = await nodes()
    const [laptop, phone] = [new Browser(), new Browser()]
    const device = { label: 'Laptop', userAgent: 'Firefox', ip: '192.0.2.1' }
    const start = clock.now()
    const first = await laptop.login(here, 'ann', { device, tags: ['org:acme'] })
    clock.advance(10)
    const second = await phone.login(there, 'ann', { data: { pin: 'hunter2' } })
    await phone.visit(there, (session) => session.flash('notice', 'hunter2'))
    clock.advance(300)
    await laptop.whoami(there)
    await touched(there)
    const listed = await here.sessions.list('ann')
    expect(listed).toStrictEqual([
      {
        id: second,
        createdAt: new Date(start + 10_000),
        lastSeenAt: new Date(start + 10_000),
        expiresAt: new Date(start + 3_610_000),
        tags: [],
      },
      {
        id: first,
        createdAt: new Date(start),
        lastSeenAt: new Date(start + 310_000),
        expiresAt: new Date(start + 3_910_000),
        tags: ['org:acme'],
        device,
      },
    ])
    expect(await there.sessions.list('ann')).toStrictEqual(listed)
    expect(JSON.stringify(listed)).not.toMatch(/hunter2|Fe26|secret|[\w-]{43}/i)
  })

  it('list leaves out what has ended, was revoked or has expired, and what is not theirs', async () => {
    const { nodes, clock } = world()
    const [here, there] = await nodes()
    const [ended, revoked, expired, alive, other, visitor] = Array.from(
      { length: 6 },
      () => new Browser(),
    ) as [Browser, Browser, Browser, Browser, Browser, Browser]
    await expired.login(here, 'ann')
    clock.advance(3599)
    await ended.login(here, 'ann')
    await revoked.login(here, 'ann', { tags: ['org:acme'] })
    await other.login(here, 'bob')
    await visitor.visit(here, (session) => session.create())
    const id = await alive.login(here, 'ann')
    await ended.visit(there, (session) => session.end())
    await there.sessions.revokeAll({ tag: 'org:acme' })
    expect(await here.sessions.list('ann')).toHaveLength(2)
    clock.advance(1)
    expect(await here.sessions.list('ann')).toEqual([expect.objectContaining({ id })])
    expect(await here.sessions.list('nobody')).toEqual([])
  })

  it('destroy ends one session of the user from another node, and only that', async () => {
    const [here, there] = await world().nodes()
    const [laptop, phone] = [new Browser(), new Browser()]
    const id = await laptop.login(here, 'ann')
    await phone.login(there, 'ann')
    expect(await there.sessions.destroy(id, { userId: 'ann' })).toBe(true)
    expect(await there.sessions.destroy(id, { userId: 'ann' })).toBe(false)
    const { outcome, setCookies } = await laptop.open(here, (session) => session.userId)
    expect(outcome).toMatchObject({ value: undefined })
    expect(setCookies).toEqual([DELETED])
    expect(await phone.whoami(here)).toBe('ann')
    expect(await here.sessions.list('ann')).toHaveLength(1)
  })

  it("destroy with a user id leaves another user's session, and an anonymous one, alone", async () => {
    const [here, there] = await world().nodes()
    const [ann, visitor] = [new Browser(), new Browser()]
    const id = await ann.login(here, 'ann')
    const anonymous = await visitor.visit(here, async (session) => {
      await session.create({ data: { cart: ['tea'] } })
      return session.id ?? ''
    })
    for (const each of [id, anonymous]) {
      expect(await there.sessions.destroy(each, { userId: 'bob' })).toBe(false)
    }
    expect(await ann.whoami(here)).toBe('ann')
    expect(await visitor.visit(here, (session) => session.data['cart'])).toEqual(['tea'])
  })

  it('revokeOthers ends every other session of the user and rotates this one', async () => {
    const [here, there] = await world().nodes()
    const [laptop, phone, tablet, bob] = [
      new Browser(),
      new Browser(),
      new Browser(),
      new Browser(),
    ]
    const id = await laptop.login(here, 'ann', { data: { cart: ['tea'] } })
    await phone.login(there, 'ann')
    await tablet.login(here, 'ann')
    await bob.login(here, 'bob')
    const thief = laptop.copy()
    expect(await laptop.visit(there, (session) => session.revokeOthers())).toBe(2)
    for (const node of [here, there]) {
      for (const other of [phone, tablet, thief]) {
        expect(await other.copy().whoami(node)).toBeUndefined()
      }
      expect(await laptop.visit(node, ({ id: same, data }) => [same, data['cart']])).toEqual([
        id,
        ['tea'],
      ])
      expect(await bob.whoami(node)).toBe('bob')
    }
    expect(await here.sessions.list('ann')).toHaveLength(1)
  })

  it('an id is a public handle: nobody is signed in by it, nor by a cookie made with it', async () => {
    const [here, there] = await world().nodes()
    const [ann, mallory] = [new Browser(), new Browser()]
    const id = await ann.login(here, 'ann')
    const own = await mallory.login(here, 'mallory')
    const [handle] = await there.sessions.list('ann')
    expect(handle?.id).toBe(id)
    const groups = ['everyone', 'user:ann']
    const forged = await sealData({ id, secret: own.padEnd(43, 'x'), groups }, { password: SECRET })
    for (const value of [id, own, forged, mallory.cookie.replace(/.{4}~2$/, '0000~2')]) {
      const thief = Object.assign(new Browser(), { cookie: `__Host-session=${value}` })
      expect(await thief.visit(there, (session) => session.active)).toBe(false)
    }
    for (const shown of [id, own, 'ann']) expect(ann.cookie).not.toContain(shown)
    // 128 random bits each: knowing one's own tells nothing of another's.
    expect([id, own]).toEqual([expect.stringMatching(/^[\w-]{22}$/), expect.not.stringMatching(id)])
    expect(await ann.whoami(there)).toBe('ann')
  })
})

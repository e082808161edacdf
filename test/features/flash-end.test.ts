import { expect, it } from 'vitest'
import { Browser, DELETED, onEachAppAndStore, type Handle } from './support.ts'

const take: Handle<object, unknown> = (session) => session.flash('notice')
const signedIn: Handle<object, unknown> = (session) => [session.userId, session.active]

onEachAppAndStore('flash-end', (world) => {
  it.each<[string, Handle<object, void>]>([
    [
      'left before end, followed by a session for the visitor,',
      async (session) => {
        await session.flash('notice', 'Signed out')
        await session.end()
        await session.create()
      },
    ],
    [
      'left after end',
      async (session) => {
        await session.end()
        await session.flash('notice', 'Signed out')
      },
    ],
    [
      'left between end and a session for the visitor',
      async (session) => {
        await session.end()
        await session.flash('notice', 'Signed out')
        await session.create()
      },
    ],
  ])('a message %s is there for the visitor, who is signed out', async (_when, handle) => {
    const { nodes, record } = world()
    const [here, there] = await nodes()
    const ann = new Browser()
    const id = await ann.login(here, 'ann', { data: { pin: 1 } })
    const before = ann.copy()
    const { setCookies } = await ann.open(here, handle)
    expect(setCookies).toEqual([expect.stringMatching(/^__Host-session=Fe26/)])
    expect(await record(id)).toBeUndefined()
    expect(await before.visit(there, signedIn)).toEqual([undefined, false])
    expect(await ann.visit(there, ({ userId, data }) => [userId, data])).toEqual([undefined, {}])
    expect(await ann.visit(there, take)).toBe('Signed out')
    expect(await ann.visit(here, take)).toBeUndefined()
  })

  it('what the request left before and after end is there, what was unread from before it is not', async () => {
    const here = await world().node()
    const ann = new Browser()
    await ann.login(here, 'ann')
    await ann.visit(here, (session) => session.flash('transfer', 'To Bob: 500'))
    await ann.visit(here, async (session) => {
      await session.flash('before', 1)
      await session.flash('taken', 2)
      await session.flash('taken')
      await session.end()
      await session.flash('after', 3)
    })
    // Whoever signs in next in this browser.
    await ann.login(here, 'bob')
    const found = await ann.visit(here, async (session) => {
      const keys = ['transfer', 'before', 'taken', 'after']
      return Promise.all(keys.map((key) => session.flash(key)))
    })
    expect(found).toEqual([undefined, 1, undefined, 3])
  })

  it('a message after an end that an update overtook goes into the session that lives', async () => {
    const { node, store } = world()
    const here = await node()
    const ann = new Browser()
    const id = await ann.login(here, 'ann')
    store.fail('delete', { times: 1 })
    await ann.visit(here, async (session) => {
      await session.update(async () => {
        await expect(session.end()).rejects.toMatchObject({ record: 'unknown' })
      })
      expect([session.active, session.id]).toEqual([true, id])
      await session.flash('notice', 'Still here')
      expect(session.id).toBe(id)
    })
  })

  it('where only end follows, the cookie stays deleted and the message goes with the session', async () => {
    const { nodes, record, count } = world()
    const [here, there] = await nodes()
    const ann = new Browser()
    const id = await ann.login(here, 'ann')
    const answer = await ann.open(here, async (session) => {
      await session.flash('notice', 'Signed out')
      await session.end()
    })
    expect(answer.setCookies).toEqual([DELETED])
    expect([await record(id), count('insert')]).toEqual([undefined, 1])
    expect(await ann.visit(there, take)).toBeUndefined()
  })

  it('after an end that the store did not confirm, a message ends that session or is refused', async () => {
    const { node, record, store } = world()
    const here = await node()
    for (const times of [1, Infinity]) {
      const ann = new Browser()
      const id = await ann.login(here, 'ann')
      const before = ann.copy()
      store.fail('delete', { times })
      const { outcome, setCookies } = await ann.open(here, async (session) => {
        await expect(session.end()).rejects.toMatchObject({ record: 'unknown' })
        await session.flash('notice', 'Try again')
      })
      store.restore()
      // Nobody is left with a new cookie while the session of the old one lives.
      if (outcome?.status === 'fulfilled') {
        expect(await record(id)).toBeUndefined()
        expect(await before.visit(here, signedIn)).toEqual([undefined, false])
      } else {
        expect(outcome).toMatchObject({ reason: { code: 'ERR_STORE_UNAVAILABLE' } })
        expect(setCookies).toEqual([DELETED])
      }
    }
  })

  it('after an end that the store did not confirm, a login of the same user ends that session first', async () => {
    const { node, record, store } = world()
    const here = await node()
    const ann = new Browser()
    const id = await ann.login(here, 'ann')
    store.fail('delete', { times: 1 })
    await ann.visit(here, async (session) => {
      await expect(session.end()).rejects.toMatchObject({ record: 'unknown' })
      await session.create({ userId: 'ann' })
      expect(await record(id)).toBeUndefined()
      await session.end()
    })
    expect(await here.sessions.list('ann')).toEqual([])
  })

  it('end after a message that followed an end deletes the cookie and that session too', async () => {
    const { node, record } = world()
    const here = await node()
    const ann = new Browser()
    await ann.login(here, 'ann')
    let id: string | undefined
    const answer = await ann.open(here, async (session) => {
      await session.end()
      await session.flash('notice', 'Signed out')
      ;({ id } = session)
      await session.end()
    })
    expect(answer.setCookies).toEqual([DELETED])
    expect(id).toBeDefined()
    expect(await record(id)).toBeUndefined()
  })

  it.each<[string, Handle<object, void>]>([
    [
      'after end',
      async (session) => {
        await session.flash('notice', 'For Ann')
        await session.end()
        await session.create({ userId: 'bob' })
      },
    ],
    [
      'that replaces it',
      async (session) => {
        await session.flash('notice', 'For Ann')
        await session.create({ userId: 'bob' })
      },
    ],
  ])("a user's messages are not carried into another user's login %s", async (_how, handle) => {
    const [here, there] = await world().nodes()
    const shared = new Browser()
    await shared.login(here, 'ann')
    await shared.visit(here, handle)
    expect(await shared.whoami(there)).toBe('bob')
    expect(await shared.visit(there, take)).toBeUndefined()
  })

  it('a session ended elsewhere takes no message and gives none, and is not revived', async () => {
    const { nodes, record } = world()
    const [here, there] = await nodes()
    for (const handle of [
      (session): Promise<unknown> => session.flash('notice', 'late'),
      take,
    ] satisfies Handle<object, unknown>[]) {
      const ann = new Browser()
      const id = await ann.login(here, 'ann')
      await ann.visit(here, (session) => session.flash('notice', 'Saved'))
      const { outcome, setCookies } = await ann.open(here, async (session, reply) => {
        await there.sessions.destroy(id)
        return handle(session, reply)
      })
      expect(outcome).toMatchObject({ reason: { code: 'ERR_SESSION_ENDED' } })
      expect(setCookies).toEqual([])
      expect(await record(id)).toBeUndefined()
    }
  })

  it('a message for a browser whose cookie was rotated away is refused, and replaces no cookie', async () => {
    const [here, there] = await world().nodes()
    const ann = new Browser()
    await ann.login(here, 'ann')
    const late = ann.copy()
    await ann.visit(there, (session) => session.rotate())
    const { outcome, setCookies } = await late.open(here, (session) => session.flash('notice', 'x'))
    expect(outcome).toMatchObject({ reason: { code: 'ERR_SESSION_ENDED' } })
    expect(setCookies).toEqual([])
  })
})

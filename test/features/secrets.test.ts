import { expect, it } from 'vitest'
import {
  Browser,
  DELETED,
  onEachAppAndStore,
  put,
  type Handle,
  type Node,
  type World,
  touched,
} from './support.ts'

const OLD = 'the-older-secret-of-32-characters'
const NEW = 'the-newer-secret-of-32-characters'

/** A node before the change of secrets, one with both, one with the new alone. */
async function change({ node }: World): Promise<Record<'before' | 'during' | 'after', Node>> {
  return {
    before: await node({ secrets: OLD }),
    during: await node({ secrets: [NEW, OLD], touchAfter: 60 }),
    after: await node({ secrets: NEW }),
  }
}

const resealed = (left: number): string[] => [
  expect.stringMatching(
    new RegExp(
      `^__Host-session=Fe26[^;]+; Max-Age=${left}; Path=/; HttpOnly; Secure; SameSite=Lax$`,
    ),
  ) as string,
]

onEachAppAndStore('secrets', (world) => {
  it('with a new first secret old cookies work, and a request that writes nothing sends none', async () => {
    const { before, during } = await change(world())
    const ann = new Browser()
    await ann.login(before, 'ann')
    world().clock.advance(600)
    for (const handle of [
      (session) => session.userId,
      (session) => session.flash('notice'),
      (session) => session.isFresh(1),
    ] satisfies Handle<object, unknown>[]) {
      expect((await ann.open(during, handle)).setCookies).toEqual([])
    }
    await touched(during)
    expect(world().count('touch')).toBe(1)
    expect(await ann.whoami(during)).toBe('ann')
  })

  it.each<[string, Handle<Record<string, unknown>, void>]>([
    ['save', put({ n: 1 })],
    ['update', (session) => session.update(() => ({ n: 1 }))],
    ['a message', (session) => session.flash('notice', 'Saved')],
  ])('%s seals the same session anew, after which the old secret can go', async (_call, handle) => {
    const { before, during, after } = await change(world())
    const ann = new Browser()
    const id = await ann.login(before, 'ann')
    const old = ann.copy()
    world().clock.advance(400)
    const { setCookies } = await ann.open(during, handle)
    expect(setCookies).toEqual(resealed(86_000))
    expect(await ann.visit(after, (session) => [session.id, session.userId])).toEqual([id, 'ann'])
    // Another request of the browser may still be under way with the old one.
    expect(await old.whoami(during)).toBe('ann')
    expect(during.events).toEqual([])
  })

  it("an answer to a page's script seals nothing anew: it may come late, over a newer cookie", async () => {
    const { before, during } = await change(world())
    const ann = new Browser()
    await ann.login(before, 'ann')
    const script = { 'sec-fetch-mode': 'cors', 'sec-fetch-site': 'same-origin' }
    expect((await ann.open(during, put({ n: 1 }), script)).setCookies).toEqual([])
    // A client that is no browser and says so much only, such as fetch of Node.
    const { setCookies } = await ann.open(during, put({ n: 2 }), { 'sec-fetch-mode': 'cors' })
    expect(setCookies).toEqual(resealed(86_400))
  })

  it('it is sealed anew once: not by the next call, nor by the next request', async () => {
    const { before, during } = await change(world())
    const ann = new Browser()
    await ann.login(before, 'ann')
    let queued = 0
    const session = await during.sessions.load({
      header: (name) => (name === 'cookie' ? ann.cookie : undefined),
      headersSent: () => false,
      queue: () => queued++,
    })
    await put({ n: 1 })(session)
    await put({ n: 2 })(session)
    expect(queued).toBe(1)
    expect((await ann.open(during, put({ n: 3 }))).setCookies).toEqual(resealed(86_400))
    expect((await ann.open(during, put({ n: 4 }))).setCookies).toEqual([])
    const fresh = new Browser()
    await fresh.login(during, 'ann')
    expect((await fresh.open(during, put({ n: 5 }))).setCookies).toEqual([])
  })

  it.each<[string, Handle<object, unknown>]>([
    ['rotate', (session) => session.rotate()],
    ['reauthenticate', (session) => session.reauthenticate()],
    ['revokeOthers', (session) => session.revokeOthers()],
    ['a login', (session) => session.create({ userId: 'ann' })],
  ])('%s seals with the newest secret', async (_call, handle) => {
    const { before, during, after } = await change(world())
    const ann = new Browser()
    await ann.login(before, 'ann')
    expect((await ann.open(during, handle)).setCookies).toEqual(resealed(86_400))
    expect(await ann.whoami(after)).toBe('ann')
  })

  it('a secret that is dropped ends its cookies, and tells that they are forged', async () => {
    const { before, after } = await change(world())
    const ann = new Browser()
    await ann.login(before, 'ann')
    const { outcome, setCookies } = await ann.open(after, (session) => session.userId)
    expect(outcome).toMatchObject({ value: undefined })
    expect(setCookies).toEqual([])
    expect(after.events).toEqual([expect.objectContaining({ type: 'rejected', reason: 'forged' })])
  })

  it.each<[string, Handle<Record<string, unknown>, void>]>([
    [
      'after the save',
      async (session) => {
        await put({ n: 1 })(session)
        await session.end()
      },
    ],
    [
      'while the save is under way',
      async (session) => {
        const saving = put({ n: 1 })(session)
        await session.end()
        await saving
      },
    ],
    [
      'that was called before the save',
      async (session) => {
        const ending = session.end()
        await put({ n: 1 })(session).catch(() => {})
        await ending
      },
    ],
    ['within an update', async (session) => session.update(() => session.end()).catch(() => {})],
  ])('sealing anew never overrides an end %s', async (_when, handle) => {
    const { before, during } = await change(world())
    const ann = new Browser()
    const id = await ann.login(before, 'ann')
    expect((await ann.open(during, handle)).setCookies).toEqual([DELETED])
    expect(await world().record(id)).toBeUndefined()
  })

  it('a save that finds its session ended elsewhere seals nothing anew', async () => {
    const { before, during } = await change(world())
    const ann = new Browser()
    const id = await ann.login(before, 'ann')
    const { outcome, setCookies } = await ann.open(during, async (session) => {
      await before.sessions.destroy(id)
      await put({ n: 1 })(session)
    })
    expect(outcome).toMatchObject({ reason: { code: 'ERR_SESSION_ENDED' } })
    expect(setCookies).toEqual([])
  })
})

import { expect, it } from 'vitest'
import { Browser, onEachAppAndStore, type Node, type World } from './support.ts'

const WRITES = ['insert', 'update', 'delete', 'touch', 'revoke'] as const

/** Ann twice and Bob at Acme, Ann and a visitor elsewhere. */
async function crowd([here, there]: readonly Node[]): Promise<Record<Name, Browser>> {
  if (here === undefined || there === undefined) throw new Error('Two nodes')
  const all = {
    annAtAcme: new Browser(),
    annAbroad: new Browser(),
    bobAtAcme: new Browser(),
    ann: new Browser(),
    visitor: new Browser(),
  }
  await all.annAtAcme.login(here, 'ann', { tags: ['org:acme'] })
  await all.annAbroad.login(there, 'ann', { tags: ['org:acme', 'abroad'] })
  await all.bobAtAcme.login(here, 'bob', { tags: ['org:acme'] })
  await all.ann.login(there, 'ann')
  await all.visitor.visit(here, (session) => session.create())
  return all
}

type Name = 'annAtAcme' | 'annAbroad' | 'bobAtAcme' | 'ann' | 'visitor'

/** Who of them is in a live session, whichever node is asked. */
async function alive(all: Record<Name, Browser>, nodes: readonly Node[]): Promise<string[]> {
  const names = Object.keys(all) as Name[]
  const found = await Promise.all(
    names.map(async (name) => {
      const seen = nodes.map((node) => all[name].copy().visit(node, ({ active }) => active))
      const [first, second] = await Promise.all(seen)
      expect(second, `${name} on both nodes`).toBe(first)
      return first === true ? [name] : []
    }),
  )
  return found.flat()
}

function writesSince({ store }: World, before: number): string[] {
  const operations = store.calls.slice(before).map(({ operation }) => operation)
  return operations.filter((operation) => WRITES.some((write) => write === operation))
}

onEachAppAndStore('groups', (world) => {
  it.each([
    [{ tag: 'org:acme' }, 3, ['ann', 'visitor']],
    [{ tag: 'abroad' }, 1, ['annAtAcme', 'bobAtAcme', 'ann', 'visitor']],
    [{ userId: 'ann' }, 3, ['bobAtAcme', 'visitor']],
    ['ann', 3, ['bobAtAcme', 'visitor']],
    [{ everyone: true }, 5, []],
    [{ tag: 'ann' }, 0, ['annAtAcme', 'annAbroad', 'bobAtAcme', 'ann', 'visitor']],
  ] as const)(
    'revokeAll(%j) ends the %i sessions of that group on every node and no other, by one write of one epoch',
    async (target, count, left) => {
      const { store, nodes } = world()
      const both = await nodes()
      const all = await crowd(both)
      const before = store.calls.length
      expect(await both[0].sessions.revokeAll(target)).toBe(count)
      expect(writesSince(world(), before)).toEqual(['revoke'])
      expect(await alive(all, both)).toEqual(left)
    },
  )

  it('a revocation is in effect once that one write is done, also where deleting the records fails', async () => {
    const { store, nodes } = world()
    const both = await nodes()
    const all = await crowd(both)
    store.fail('purge')
    await expect(both[0].sessions.revokeAll({ tag: 'org:acme' })).rejects.toMatchObject({
      code: 'ERR_STORE_UNAVAILABLE',
    })
    expect(await alive(all, both)).toEqual(['ann', 'visitor'])
    expect(await both[1].sessions.list('ann')).toHaveLength(1)
  })

  it('a revocation spares the session that is excepted, and its cookie stays good', async () => {
    const both = await world().nodes()
    const all = await crowd(both)
    const except = await all.annAtAcme.visit(both[0], (session) => session.id ?? '')
    expect(await both[1].sessions.revokeAll({ tag: 'org:acme' }, { except })).toBe(2)
    expect(await alive(all, both)).toEqual(['annAtAcme', 'ann', 'visitor'])
    expect(await both[1].sessions.revokeAll('ann', { except })).toBe(1)
    expect(await alive(all, both)).toEqual(['annAtAcme', 'visitor'])
  })

  it('a login after a revocation is untouched by it, one whose fence is older is refused', async () => {
    const [here, there] = await world().nodes()
    const tags = ['org:acme']
    const fence = await here.sessions.fence('ann', { tags })
    await there.sessions.revokeAll({ tag: 'org:acme' })
    const [late, next] = [new Browser(), new Browser()]
    const refused = { code: 'ERR_SESSION_REVOKED' }
    await expect(late.login(here, 'ann', { tags, fence })).rejects.toMatchObject(refused)
    expect(late.cookie).toBe('')
    await next.login(here, 'ann', { tags })
    expect(await next.whoami(there)).toBe('ann')
    expect(await here.sessions.list('ann')).toHaveLength(1)
  })

  it('rotate with tags joins those groups and leaves the others', async () => {
    const [here, there] = await world().nodes()
    const ann = new Browser()
    await ann.login(here, 'ann', { tags: ['org:acme', 'beta'] })
    await ann.visit(here, (session) => session.rotate({ tags: ['beta', 'admin'] }))
    const tags = await ann.visit(there, (session) => session.tags)
    expect(tags.toSorted()).toEqual(['admin', 'beta'])
    expect(await there.sessions.revokeAll({ tag: 'org:acme' })).toBe(0)
    expect(await ann.whoami(here)).toBe('ann')
    expect(await there.sessions.revokeAll({ tag: 'admin' })).toBe(1)
    expect(await ann.whoami(here)).toBeUndefined()
  })
})

import { describe, expect, it } from 'vitest'
import { memoryStore, type SessionChanges } from '../src/index.ts'
import { world, type Browser } from './support/browser.ts'

const rejected = { type: 'rejected', reason: 'malformed' }

describe('a record that somebody has altered', () => {
  async function alter(changes: SessionChanges): Promise<{
    ann: Browser
    world: ReturnType<typeof world>
  }> {
    const store = memoryStore()
    const all = world({ store })
    const ann = all.browser()
    await ann.visit((session) => session.create({ userId: 'ann', tags: ['a', 'b'] }))
    const id = await ann.visit(async (session) => session.id ?? '')
    expect(await store.update(id, { version: 1, now: new Date(0) }, changes)).toBe(true)
    return { ann, world: all }
  }

  const group = (name: string): { group: string; epoch: null } => ({ group: name, epoch: null })
  const own = ['everyone', 'user:ann', 'tag:a', 'tag:b'].map(group)

  it.each<[string, SessionChanges]>([
    ['is in fewer groups', { groups: own.slice(0, 3) }],
    ['is in another group', { groups: [...own.slice(0, 3), group('tag:c')] }],
    ['is in one more', { groups: [...own, group('tag:c')] }],
    ['has a date that is none', { endsAt: new Date(Number.NaN) }],
    ['is of another user', { userId: 'eve' }],
  ])('and %s signs nobody in, and the audit hears of it', async (_what, changes) => {
    const { ann, world: all } = await alter(changes)
    const headers = { cookie: ann.cookie }
    expect(await ann.whoami()).toBeUndefined()
    expect(all.events.at(-1)).toMatchObject(rejected)
    expect(await all.sessions.diagnose({ headers })).toMatchObject({
      signedIn: false,
      findings: [{ code: 'tampered' }, {}],
    })
  })

  it('back to what it was is the session again', async () => {
    const { ann } = await alter({ groups: own })
    expect(await ann.whoami()).toBe('ann')
  })
})

import { describe, expect, it } from 'vitest'
import { memoryStore } from '../src/index.ts'
import { faultyStore } from '../src/testing/index.ts'
import { world } from './support/browser.ts'

const revoked = { code: 'ERR_SESSION_REVOKED' }
const idp = { issuer: 'https://idp.example', subject: 's-1', sid: 'idp-session' }

describe('fence', () => {
  it('is given whatever the instant where nothing was revoked', async () => {
    const { browser, sessions } = world()
    const fence = await sessions.fence('ann', { since: new Date(0) })
    await browser().visit((session) => session.create({ userId: 'ann', fence }))
  })

  it('that a revocation has overtaken leaves nothing to delete', async () => {
    const store = faultyStore(memoryStore())
    const { browser, sessions } = world({ store })
    const fence = await sessions.fence('ann')
    await sessions.revokeAll('ann')
    const creating = browser().visit((session) => session.create({ userId: 'ann', fence }))
    await expect(creating).rejects.toMatchObject(revoked)
    expect(store.calls.map(({ operation }) => operation)).not.toContain('insert')
  })

  it('lets no login escape a revocation that came after the credentials were checked', async () => {
    const { browser, sessions } = world()
    const targets = ['ann', { tag: 'org:acme' }, { everyone: true } as const]
    for (const target of targets) {
      const fence = await sessions.fence('ann', { tags: ['org:acme'] })
      await sessions.revokeAll(target)
      const late = browser()
      await late.visit(async (session) => {
        const creating = session.create({ userId: 'ann', tags: ['org:acme'], fence })
        await expect(creating).rejects.toMatchObject(revoked)
      })
      expect(await late.whoami()).toBeUndefined()
      expect(await sessions.list('ann')).toEqual([])
    }
  })

  it('covers the sessions of a subject of which no sid is known', async () => {
    const { browser, sessions } = world()
    const { issuer, subject } = idp
    const federation = { issuer, subject }
    const unnamed = await sessions.fence('ann', { federation })
    const named = await sessions.fence('ann', { federation: idp })
    await sessions.revokeAll({ federation: { ...federation, sid: null } })
    await browser().visit(async (session) => {
      const creating = session.create({ userId: 'ann', federation, fence: unnamed })
      await expect(creating).rejects.toMatchObject(revoked)
    })
    const ann = browser()
    await ann.visit((session) => session.create({ userId: 'ann', federation: idp, fence: named }))
    expect(await ann.whoami()).toBe('ann')
  })

  it('is good for a login that nothing overtook, also after a trip through JSON', async () => {
    const { browser, sessions } = world()
    await sessions.revokeAll('ann')
    const options = { tags: ['t'], federation: idp }
    const fence = await sessions.fence('ann', options)
    const carried = JSON.parse(JSON.stringify(fence)) as typeof fence
    const ann = browser()
    await ann.visit((session) => session.create({ userId: 'ann', ...options, fence: carried }))
    expect(await ann.whoami()).toBe('ann')
  })

  it.each([
    ['nothing', null],
    ['a word', 'fence'],
    ['no groups', { userId: 'ann', takenAt: Date.now() }],
    ['groups that are none', { userId: 'ann', takenAt: Date.now(), groups: [null] }],
  ])('that is %s is refused', async (_what, fence) => {
    await world()
      .browser()
      .visit(async (session) => {
        const creating = session.create({ userId: 'ann', fence: fence as never })
        await expect(creating).rejects.toMatchObject(revoked)
        expect(session.active).toBe(false)
      })
  })

  it('is not given where one of its groups was revoked at or after an instant', async () => {
    let now = Date.UTC(2030, 0, 1)
    const { sessions } = world({ clock: { now: () => now } })
    const { issuer, subject, sid } = idp
    const take = (since: Date): Promise<unknown> =>
      sessions.fence('ann', { tags: ['org:acme'], federation: idp, since })
    for (const target of [
      'ann',
      { tag: 'org:acme' },
      { federation: { issuer, subject } },
      { federation: { issuer, sid } },
      { everyone: true } as const,
    ]) {
      now += 1000
      await take(new Date(now))
      await sessions.revokeAll(target)
      await expect(take(new Date(now - 1000))).rejects.toMatchObject(revoked)
      await expect(take(new Date(now))).rejects.toMatchObject(revoked)
      await take(new Date(now + 1))
      await sessions.fence('ann', { tags: ['org:acme'], federation: idp })
    }
    now += 1000
    await sessions.revokeAll('bob')
    await sessions.revokeAll({ federation: { issuer, subject, sid: null } })
    await take(new Date(now))
  })

  it('takes no instant that is none', async () => {
    const { sessions } = world()
    for (const since of [new Date(Number.NaN), Date.now(), '2026-01-01', null]) {
      const taking = sessions.fence('ann', { since } as never)
      await expect(taking).rejects.toMatchObject({ code: 'ERR_CONFIG' })
      await expect(taking).rejects.toThrow('since must be a valid Date')
    }
  })

  it('is refused for another user, for what it does not cover, and when it is old', async () => {
    const { browser, sessions, advance } = world()
    const fence = await sessions.fence('ann', { tags: ['a'] })
    for (const options of [
      { userId: 'bob', fence },
      { fence },
      { userId: 'ann', tags: ['b'], fence },
      { userId: 'ann', federation: idp, fence },
    ]) {
      await browser().visit(async (session) => {
        await expect(session.create(options)).rejects.toMatchObject(revoked)
      })
    }
    advance(15 * 60)
    await browser().visit((session) => session.create({ userId: 'ann', fence }))
    advance(0.001)
    await browser().visit(async (session) => {
      await expect(session.create({ userId: 'ann', fence })).rejects.toMatchObject(revoked)
    })
  })
})

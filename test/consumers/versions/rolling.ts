import type { Session, Sessions, SessionStore } from '@adjourn/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { request } from '../../support/request.ts'
import type { Place } from './stores.ts'
import type { Version } from './version.ts'

const SECRET = 'the-secret-of-the-rolling-update-0'

interface Node {
  readonly sessions: Sessions
  readonly store: SessionStore
}

function start(version: Version, place: Place): Node {
  const store = place.open(version)
  return { store, sessions: version.core.createSessions({ secrets: SECRET, store }) }
}

/** What a rolling update has: a node of each version, on one store, behind one address. */
export function serveTheSameStore(
  versions: () => readonly [Version, Version],
  openPlace: () => Place,
): void {
  let place: Place
  let one: Node
  let other: Node
  beforeEach(() => {
    place = openPlace()
    const [first, second] = versions()
    one = start(first, place)
    other = start(second, place)
  })
  afterEach(async () => {
    for (const { sessions, store } of [one, other]) {
      await sessions.close()
      await store.close?.()
    }
    await place.close()
  })

  async function login(node: Node, data: object = {}): Promise<string> {
    const { session, cookie } = await request(node.sessions)
    const fence = await node.sessions.fence('ann', { tags: ['premium'] })
    await session.create({ userId: 'ann', tags: ['premium'], data, fence })
    return cookie()
  }
  const load = async (node: Node, cookie: string): Promise<Session> =>
    (await request(node.sessions, cookie)).session

  describe.each([
    ['the first', 'the second', () => [one, other] as const],
    ['the second', 'the first', () => [other, one] as const],
  ])('%s and then %s', (_first, _second, nodes) => {
    it('sign in and read: user, tags, data, times', async () => {
      const [a, b] = nodes()
      const cookie = await login(a, { cart: ['tea'] })
      const [there, here] = await Promise.all([load(a, cookie), load(b, cookie)])
      expect(facts(here)).toEqual(facts(there))
      expect(facts(here)).toMatchObject({ userId: 'ann', data: { cart: ['tea'] } })
    })

    it('save different keys: both persist', async () => {
      const [a, b] = nodes()
      const cookie = await login(a)
      const [there, here] = await Promise.all([load(a, cookie), load(b, cookie)])
      there.data['theme'] = 'dark'
      here.data['locale'] = 'en'
      await Promise.all([there.save(), here.save()])
      expect((await load(b, cookie)).data).toEqual({ theme: 'dark', locale: 'en' })
    })

    it('rotate: the old cookie stops at both, the new one works at both', async () => {
      const [a, b] = nodes()
      const old = await login(a)
      const rotating = await request(b.sessions, old)
      await rotating.session.rotate()
      const found = await Promise.all([a, b].map((node) => load(node, old)))
      expect(found.map(({ active }) => active)).toEqual([false, false])
      expect((await load(a, rotating.cookie())).userId).toBe('ann')
    })

    it('end: the other signs nobody in, and its save brings nothing back', async () => {
      const [a, b] = nodes()
      const cookie = await login(a)
      const slow = await load(a, cookie)
      await (await load(b, cookie)).end()
      slow.data['late'] = true
      await expect(slow.save()).rejects.toMatchObject({ code: 'ERR_SESSION_ENDED' })
      expect((await load(a, cookie)).active).toBe(false)
    })

    it('revoke: all are out at the other, a login under way too, a later one is not', async () => {
      const [a, b] = nodes()
      const cookie = await login(a)
      const fence = await a.sessions.fence('ann')
      expect(await b.sessions.revokeAll('ann')).toBe(1)
      expect((await load(a, cookie)).active).toBe(false)
      const late = await request(a.sessions)
      const creating = late.session.create({ userId: 'ann', fence })
      await expect(creating).rejects.toMatchObject({ code: 'ERR_SESSION_REVOKED' })
      expect((await load(b, await login(a))).userId).toBe('ann')
    })
  })
}

function facts({ id, userId, tags, data, createdAt, authenticatedAt }: Session): object {
  return { id, userId, tags: [...tags], data: { ...data }, createdAt, authenticatedAt }
}

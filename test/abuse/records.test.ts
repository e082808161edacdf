/** Somebody else has written to the store. */
import { memoryStore, type SessionRecord, type SessionStore } from '@adjourn/core'
import * as fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { RUNS, TIMEOUT } from './counts.ts'
import { FIELDS, junk, MISSING, tampered, type Field } from './tampering.ts'
import { createWorld, type World } from './world.ts'

const CLEAR = ['ERR_DATA_INVALID', 'ERR_SESSION_ENDED', 'ERR_STORE_UNAVAILABLE']

/** A store whose reads and lists show one record as somebody has altered it. */
function altered(inner: SessionStore): {
  readonly store: SessionStore
  alter(id: string, change: (record: SessionRecord) => SessionRecord): void
} {
  let alter: ((record: SessionRecord) => SessionRecord) | undefined
  let which: string | undefined
  const shown = <T extends { id: string } | undefined>(record: T): T =>
    record?.id === which && alter ? (alter(record as never) as unknown as T) : record
  return {
    store: {
      read: async (...given) => {
        const { record, epochs } = await inner.read(...given)
        return { record: shown(record), epochs }
      },
      list: async (...given) => (await inner.list(...given)).map((each) => shown(each)),
      insert: (record) => inner.insert(record),
      update: (...given) => inner.update(...given),
      touch: (...given) => inner.touch(...given),
      delete: (...given) => inner.delete(...given),
      revoke: (revocation) => inner.revoke(revocation),
      purge: (epoch) => inner.purge(epoch),
    },
    alter(id, change) {
      which = id
      alter = change
    },
  }
}

/** Somebody whose record was altered, and another session of theirs that was not. */
interface Victim extends World {
  readonly user: string
  readonly cookie: string
  readonly id: string
  readonly other: { readonly cookie: string; readonly id: string }
}

type Act = (victim: Victim) => Promise<unknown>

/** Everything that an app can do with a session of which it has the cookie or the id. */
const ACTS: Readonly<Record<string, Act>> = {
  load: async ({ load, cookie }) => JSON.stringify((await load(cookie)).session),
  data: async ({ load, cookie }) => (await load(cookie)).session.data,
  save: async ({ load, cookie }) => {
    const { session } = await load(cookie)
    session.data['n'] = 1
    await session.save()
  },
  update: async ({ load, cookie }) => (await load(cookie)).session.update(() => ({ n: 1 })),
  flash: async ({ load, cookie }) => (await load(cookie)).session.flash('notice'),
  rotate: async ({ load, cookie }) => (await load(cookie)).session.rotate(),
  retag: async ({ load, cookie }) => (await load(cookie)).session.rotate({ tags: ['other'] }),
  reauthenticate: async ({ load, cookie }) => (await load(cookie)).session.reauthenticate(),
  login: async ({ load, cookie, user }) => (await load(cookie)).session.create({ userId: user }),
  revokeOthers: async ({ load, cookie }) => (await load(cookie)).session.revokeOthers(),
  list: ({ sessions, user }) => sessions.list(user),
  find: ({ sessions, id }) => sessions.find(id),
  destroy: ({ sessions, id }) => sessions.destroy(id),
  spare: ({ sessions, user, id }) => sessions.revokeAll(user, { except: id }),
  diagnose: ({ sessions, cookie }) => sessions.diagnose({ headers: { cookie } }),
}

/** Each of a store of its own: the memory store looks at all that it has to list some. */
async function victim(field: Field, value: unknown): Promise<Victim> {
  const { store, alter } = altered(memoryStore({ maxSessions: 100 }))
  const world = createWorld({}, store)
  const user = 'ann'
  const { cookie, id } = await world.login(user)
  const other = await world.login(user)
  alter(id, (record) => tampered(record, field, value))
  return { ...world, user, cookie, id, other }
}

/** Any field, with anything in its place. */
async function always(numRuns: number, property: (victim: Victim) => Promise<void>) {
  const altering = fc.asyncProperty(fc.constantFrom(...FIELDS), junk, async (field, value) =>
    property(await victim(field, value)),
  )
  await fc.assert(altering, { numRuns })
}

async function codeOf(act: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await act()
    return undefined
  } catch (error) {
    return String((Object(error) as { code?: unknown }).code ?? error)
  }
}

afterEach(() => {
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
})

describe('a record that somebody has altered', { timeout: TIMEOUT }, () => {
  it.each(Object.entries(ACTS))('%s: works, says not signed in, or why not', async (_name, act) => {
    await always(Math.ceil(RUNS / 5), async (victimised) => {
      const code = await codeOf(() => act(victimised))
      if (code !== undefined) expect(CLEAR).toContain(code)
    })
  })

  it('is nobody else, and lasts no longer than the absolute timeout', async () => {
    await always(RUNS, async ({ load, cookie, user }) => {
      const { session } = await load(cookie)
      if (!session.active) return
      expect(session.userId).toBe(user)
      expect(session.expiresAt?.getTime()).toBeLessThanOrEqual(Date.now() + 86_400_000)
    })
  })

  it('can be ended: its record and its cookie go', async () => {
    await always(RUNS, async ({ load, cookie, id, user, sessions, store }) => {
      const { session, setCookie } = await load(cookie)
      await session.end()
      expect(setCookie()).toContain('Max-Age=0')
      expect(await sessions.list(user)).toHaveLength(1)
      expect((await store.read(id, [])).record).toBeUndefined()
    })
  })

  it('does not keep other sessions of the user from being listed, loaded or revoked', async () => {
    await always(RUNS, async ({ load, other, user, sessions }) => {
      const ids = (await sessions.list(user)).map(({ id }) => id)
      expect(ids).toContain(other.id)
      expect((await load(other.cookie)).session.userId).toBe(user)
      await sessions.revokeAll(user)
      expect((await load(other.cookie)).session.active).toBe(false)
    })
  })

  it.each<[string, Field, unknown]>([
    ['another user', 'userId', 'eve'],
    ['no user', 'userId', MISSING],
    ['an expiry that is no date', 'expiresAt', new Date(Number.NaN)],
    ['a beginning that is no date', 'createdAt', new Date(Number.NaN)],
    ['no groups', 'groups', []],
    ['a text for its groups', 'groups', 'everyone'],
    ['no hash', 'secretHash', ''],
    ['data that is no text', 'data', { admin: true }],
    [
      'a user beside its own',
      'groups',
      [
        { group: 'everyone', epoch: null },
        { group: 'user:bob', epoch: null },
        { group: 'user:eve', epoch: null },
      ],
    ],
  ])('with %s is no session, and an event says so', async (_what, field, value) => {
    const { load, cookie, events, id } = await victim(field, value)
    const { session, setCookie } = await load(cookie)
    expect([session.active, session.userId, session.data]).toEqual([false, undefined, {}])
    expect(setCookie()).toContain('Max-Age=0')
    const rejected = { type: 'rejected', reason: 'malformed', sessionId: id }
    expect(events.at(-1)).toMatchObject(rejected)
  })

  it.each(['rotate', 'reauthenticate', 'revokeOthers'] as const)(
    '%s of one whose data is no JSON changes no secret of which nobody gets the cookie',
    async (name) => {
      const { load, cookie } = await victim('data', 'no JSON')
      const { session, setCookie } = await load(cookie)
      await expect(session[name]()).rejects.toMatchObject({ code: 'ERR_DATA_INVALID' })
      expect(setCookie()).toBeUndefined()
      expect((await load(cookie)).session.active).toBe(true)
    },
  )

  it('a store that answers with the record of somebody else signs nobody in', async () => {
    const { store, alter } = altered(memoryStore())
    const world = createWorld({}, store)
    const [ann, eve] = [await world.login('ann'), await world.login('eve')]
    const { record } = await store.read(ann.id, [])
    if (record === undefined) throw new Error('There is no record')
    alter(eve.id, () => record)
    expect(await codeOf(() => world.load(eve.cookie))).toBe('ERR_STORE_UNAVAILABLE')
  })
})

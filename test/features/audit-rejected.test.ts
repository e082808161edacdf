import { sealData } from 'iron-session'
import { expect, it } from 'vitest'
import { Browser, onEachAppAndStore, SECRET, type Node } from './support.ts'

const OTHER = 'a-secret-that-the-app-never-had--'
const PAYLOAD = { id: 'x'.repeat(22), secret: 'x'.repeat(43), groups: ['everyone'] }

const seal = (payload: object, password: Record<string, string>): Promise<string> =>
  sealData(payload, { password, ttl: 60 })

/** A cookie that the app must not accept, and whose it is where that can be known. */
type Bad = (here: Node) => Promise<{ cookie: string; sessionId?: string }>

const cases: readonly (readonly [reason: string, why: string, bad: Bad])[] = [
  [
    'expired',
    'its session has ended',
    async (here) => {
      const ann = new Browser()
      const sessionId = await ann.login(here, 'ann')
      await here.sessions.destroy(sessionId)
      return { cookie: ann.cookie, sessionId }
    },
  ],
  [
    'stale-secret',
    'its session was rotated',
    async (here) => {
      const ann = new Browser()
      const sessionId = await ann.login(here, 'ann')
      const { cookie } = ann
      await ann.visit(here, (session) => session.rotate())
      return { cookie, sessionId }
    },
  ],
  [
    'forged',
    'another secret sealed it',
    async () => ({ cookie: `__Host-session=${await seal(PAYLOAD, { 1: OTHER })}` }),
  ],
  [
    'unknown-secret',
    'another secret sealed it under another key id',
    async () => ({ cookie: `__Host-session=${await seal(PAYLOAD, { 2: OTHER })}` }),
  ],
  ['malformed', 'it is not of our form', async () => ({ cookie: '__Host-session=hunter2' })],
  [
    'malformed',
    'our secret sealed something else',
    async () => ({ cookie: `__Host-session=${await seal({ user: 'ann' }, { 1: SECRET })}` }),
  ],
  [
    'malformed',
    'it is there twice',
    async (here) => {
      const ann = new Browser()
      await ann.login(here, 'ann')
      return { cookie: `${ann.cookie}; ${ann.cookie}` }
    },
  ],
]

onEachAppAndStore('audit-rejected', (world) => {
  it.each(cases)('a cookie is rejected as %s where %s: told once', async (reason, _why, bad) => {
    const { nodes, clock } = world()
    const [here, there] = await nodes()
    const { cookie, sessionId } = await bad(here)
    const { outcome, status } = await there.ask(({ userId }) => userId, { cookie })
    expect([status, outcome]).toEqual([200, { status: 'fulfilled', value: undefined }])
    const about = sessionId === undefined ? {} : { sessionId }
    expect(there.events).toStrictEqual([
      { type: 'rejected', at: new Date(clock.now()), reason, ...about },
    ])
  })

  it('a request without a cookie, and one with a good cookie, tell nothing', async () => {
    const [here, there] = await world().nodes()
    const ann = new Browser()
    await ann.login(here, 'ann')
    await ann.whoami(there)
    await new Browser().whoami(there)
    await there.ask(() => {}, { cookie: 'theme=dark; __Host-sessions=1' })
    expect(there.events).toEqual([])
  })
})

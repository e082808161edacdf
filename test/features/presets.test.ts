import { aal1, aal2, aal3 } from '@adjourn/core'
import { expect, it } from 'vitest'
import { Browser, onEachAppAndStore, touched } from './support.ts'

const HOUR = 3600
const DAY = 24 * HOUR

/** NIST SP 800-63B-4, 2.1.3, 2.2.3 and 2.3.3; AAL1 asks for no inactivity limit. */
const levels = [
  ['aal1', aal1, { idleTimeout: 30 * DAY, absoluteTimeout: 30 * DAY }],
  ['aal2', aal2, { idleTimeout: HOUR, absoluteTimeout: DAY }],
  ['aal3', aal3, { idleTimeout: 15 * 60, absoluteTimeout: 12 * HOUR }],
] as const

onEachAppAndStore('presets', (world) => {
  it.each(levels)(
    '%s: a session ends after the inactivity and the overall time of that assurance level',
    async (_name, preset, { idleTimeout, absoluteTimeout }) => {
      expect(preset).toStrictEqual({ idleTimeout, absoluteTimeout })
      const { nodes, clock } = world()
      const [here, there] = await nodes({ ...preset })
      const [idle, busy] = [new Browser(), new Browser()]
      await idle.login(here, 'ann')
      clock.advance(idleTimeout - 0.001)
      expect(await idle.copy().whoami(there)).toBe('ann')
      await touched(there)
      const id = await busy.login(here, 'bob')
      const ends = clock.now() + absoluteTimeout * 1000
      clock.advance(idleTimeout)
      expect(await idle.whoami(here)).toBeUndefined()
      clock.advance(-idleTimeout)
      while (clock.now() + (idleTimeout - 1) * 1000 < ends) {
        clock.advance(idleTimeout - 1)
        await busy.visit(here, (session) => session.save())
      }
      clock.advance((ends - clock.now() - 1) / 1000)
      expect(await busy.visit(there, (session) => session.id)).toBe(id)
      clock.advance(0.001)
      expect(await busy.whoami(here)).toBeUndefined()
    },
  )

  it('aal2 is what holds where nothing is said', async () => {
    const [said, unsaid] = [await world().node({ ...aal2 }), await world().node()]
    const [ann, bob] = [new Browser(), new Browser()]
    const lifetimes = await Promise.all(
      [ann.open(said, login), bob.open(unsaid, login)].map(async (opening) => {
        const { outcome, setCookies } = await opening
        return [outcome, setCookies[0]?.replace(/=Fe26[^;]*/, '')]
      }),
    )
    expect(lifetimes[0]).toEqual(lifetimes[1])
    expect(lifetimes[0]?.[0]).toMatchObject({ value: new Date(world().clock.now() + HOUR * 1000) })
  })
})

async function login(session: {
  create(options: { userId: string }): Promise<void>
  readonly expiresAt: Date | undefined
}): Promise<Date | undefined> {
  await session.create({ userId: 'ann' })
  return session.expiresAt
}

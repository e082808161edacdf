import type { CreateOptions } from '@adjourn/core'
import { manualClock } from '@adjourn/core/testing'
import { request } from '../../support/request.ts'
import type { Place } from './stores.ts'
import type { Version } from './version.ts'

export const SECRET = 'the-secret-of-the-frozen-fixtures'

/** When everything was written. In the future, so that a database's expiry monitor leaves it alone. */
export const WRITTEN_AT = new Date('2060-01-01T00:00:00.000Z')

/** The cookies that browsers have, by what their sessions went through. */
export interface Cookies {
  /** Ann's: data, tags, federation, device. */
  readonly signedIn: string
  /** Bob's, from after all of his were revoked. */
  readonly afterRevocation: string
  /** Bob's, from before. */
  readonly revoked: string
  /** Carol's, from which she ended her others. */
  readonly kept: string
  /** Carol's, before it was rotated by that. */
  readonly rotatedAway: string
  /** A visitor's, with data and an unread message. */
  readonly anonymous: string
  /** Dave's, who signed out. */
  readonly ended: string
}

export const ANN = {
  userId: 'ann',
  data: { cart: ['tea', 'milk'], visits: 3, name: 'Ånn “A” O’Hara' },
  tags: ['premium', 'eu'],
  federation: { issuer: 'https://provider.example', subject: 'ann-1', sid: 'sid-1' },
  device: { label: 'Her phone', userAgent: 'Browser/1.0', ip: '192.0.2.1' },
}

/** Has a version write one session of each kind. */
export async function writeSessions(version: Version, place: Place): Promise<Cookies> {
  const store = place.open(version)
  const clock = manualClock(WRITTEN_AT)
  const sessions = version.core.createSessions({ secrets: SECRET, store, clock })
  async function login(options: CreateOptions): Promise<string> {
    const { session, cookie } = await request(sessions)
    await session.create(options)
    return cookie()
  }

  const signedIn = await login(ANN)
  const revoked = await login({ userId: 'bob' })
  await sessions.revokeAll('bob')
  const afterRevocation = await login({ userId: 'bob', data: { since: 'the revocation' } })

  const rotatedAway = await login({ userId: 'carol' })
  const carol = await request(sessions, rotatedAway)
  await carol.session.revokeOthers()

  const visitor = await request(sessions)
  visitor.session.data['cart'] = ['tea']
  await visitor.session.save()
  await visitor.session.flash('notice', 'Welcome')

  const ended = await login({ userId: 'dave' })
  await (await request(sessions, ended)).session.end()

  await sessions.close()
  await store.close?.()
  return {
    signedIn,
    afterRevocation,
    revoked,
    kept: carol.cookie(),
    rotatedAway,
    anonymous: visitor.cookie(),
    ended,
  }
}

import { createSessions, type Sessions, type SessionStore } from '@adjourn/core'
import { manualClock } from '@adjourn/core/testing'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { request } from '../support/request.ts'
import { readFixture, STORES, writtenVersions, type Fixture } from './versions/fixtures.ts'
import type { Place } from './versions/stores.ts'
import { thisVersion } from './versions/version.ts'
import { ANN, SECRET, WRITTEN_AT } from './versions/written.ts'

const MINUTE = 60

describe.each(await writtenVersions())('what %s has written', (version) => {
  describe.each(STORES)('to $store', ({ store, file, place: open }) => {
    let place: Place
    let opened: SessionStore
    let sessions: Sessions
    let fixture: Fixture
    beforeEach(async () => {
      fixture = await readFixture(version, file)
      place = open(inject('mongodbUri'), `fixtures-${version.replaceAll('.', '-')}-${store}`)
      await place.restore(fixture.dump)
      opened = place.open(thisVersion)
      const clock = manualClock(WRITTEN_AT)
      clock.advance(10 * MINUTE)
      sessions = createSessions({ secrets: SECRET, store: opened, clock })
    })
    afterEach(async () => {
      await sessions.close()
      await opened.close?.()
      await place.close()
    })

    const load = async (name: keyof Fixture['cookies']) => request(sessions, fixture.cookies[name])

    it('is signed in, with data, tags, device and times', async () => {
      const { session } = await load('signedIn')
      const { userId, tags, data, createdAt, authenticatedAt } = session
      const expected = { userId: ANN.userId, tags: ANN.tags, data: ANN.data }
      expect({ userId, tags, data }).toEqual(expected)
      expect([createdAt, authenticatedAt]).toEqual([WRITTEN_AT, WRITTEN_AT])
      expect(await sessions.list('ann')).toMatchObject([{ id: session.id, device: ANN.device }])
    })

    it('is saved, rotated and ended', async () => {
      const { session } = await load('signedIn')
      session.data['visits'] = 4
      await session.save()
      const rotating = await load('signedIn')
      await rotating.session.rotate({ tags: ['premium'] })
      expect((await load('signedIn')).session.active).toBe(false)
      const rotated = await request(sessions, rotating.cookie())
      expect(rotated.session.data).toEqual({ ...ANN.data, visits: 4 })
      await rotated.session.end()
      expect((await request(sessions, rotating.cookie())).session.active).toBe(false)
    })

    it('stays revoked, and what came after that stays signed in', async () => {
      expect((await load('revoked')).session.active).toBe(false)
      const { session } = await load('afterRevocation')
      expect([session.userId, session.data]).toEqual(['bob', { since: 'the revocation' }])
      expect((await load('kept')).session.userId).toBe('carol')
      expect((await load('rotatedAway')).session.active).toBe(false)
      expect((await load('ended')).session.active).toBe(false)
    })

    it('is ended by each group that it is in', async () => {
      const { issuer, sid } = ANN.federation
      expect(await sessions.revokeAll({ tag: 'eu' })).toBe(1)
      expect((await load('signedIn')).session.active).toBe(false)
      expect(await sessions.revokeAll({ federation: { issuer, sid } })).toBe(0)
      expect(await sessions.revokeAll({ everyone: true })).toBe(3)
      expect((await load('afterRevocation')).session.active).toBe(false)
      expect((await load('kept')).session.active).toBe(false)
    })

    it('goes on as a signed-in session, with its data and its message', async () => {
      const { session, cookie } = await load('anonymous')
      expect([session.active, session.userId]).toEqual([true, undefined])
      await session.create({ userId: 'erin' })
      const after = await request(sessions, cookie())
      expect([after.session.userId, after.session.data]).toEqual(['erin', { cart: ['tea'] }])
      expect(await after.session.flash('notice')).toBe('Welcome')
    })

    it('expires when it was going to', async () => {
      const { expiresAt } = (await load('kept')).session
      expect(expiresAt?.getTime()).toBe(WRITTEN_AT.getTime() + (10 + 60) * MINUTE * 1000)
    })
  })
})

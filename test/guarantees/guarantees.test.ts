import type { SessionStore } from '@adjourn/core'
import { faultyStore, type FaultyStore, type StartBinding } from '@adjourn/core/testing'
import { sealData } from 'iron-session'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { onEachStore } from '../conformance/bindings/stores.ts'
import { bindings, SECRET, startNode, USER, type Node } from './nodes.ts'

const SET = /^__Host-session=Fe26[^;]+; Max-Age=86400; Path=\/; HttpOnly; Secure; SameSite=Lax$/
const DELETED =
  '__Host-session=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax'

for (const [framework, start] of bindings) {
  describe(framework, () => {
    onEachStore(`guarantees-${framework.toLowerCase()}`, (createStore) => {
      guarantees(start, createStore)
    })
  })
}

function guarantees(start: StartBinding, createStore: () => SessionStore): void {
  let store: FaultyStore
  let here: Node
  let there: Node

  beforeEach(async () => {
    store = faultyStore(createStore())
    here = await startNode(start, store)
    there = await startNode(start, store)
  })
  afterEach(async () => {
    store.restore()
    await Promise.all([here.stop(), there.stop()])
  })

  it('G1 end is final: record and cookie are gone, and no node accepts the cookie again', async () => {
    const { body: id, cookie, setCookies } = await here.visit('/login')
    expect(setCookies).toEqual([expect.stringMatching(SET)])
    expect((await there.visit('/me', cookie)).body).toBe(USER)
    const logout = await there.visit('/logout', cookie)
    expect(logout).toMatchObject({ status: 302, setCookies: [DELETED], cookie: '' })
    expect((await store.read(id, [])).record).toBeUndefined()
    for (const node of [here, there]) {
      expect((await node.visit('/me', cookie)).body).toBe('nobody')
      // A page's own script; a page opened anew would start as a visitor.
      const save = await node.visit('/save', cookie, { 'sec-fetch-mode': 'cors' })
      expect(save.status).not.toBe(200)
      expect((await node.visit('/me', cookie)).body).toBe('nobody')
    }
    expect(await here.sessions.list(USER)).not.toContainEqual(expect.objectContaining({ id }))
  })

  it('G4 a failure is never a logout: the store fails, the cookie stays and works again', async () => {
    const { cookie } = await here.visit('/login')
    store.fail('all')
    const during = await here.visit('/me', cookie, { 'sec-fetch-mode': 'navigate' })
    expect(during).toMatchObject({ status: 503, setCookies: [] })
    store.restore()
    expect(await here.visit('/me', cookie)).toMatchObject({ body: USER, setCookies: [] })
  })

  it('G4 a failure is never a silent success: end clears the cookie and rejects', async () => {
    const { body: id, cookie } = await here.visit('/login')
    store.fail('delete')
    const failed = await here.visit('/logout-and-apologise', cookie)
    expect(failed).toMatchObject({ body: 'ERR_STORE_UNAVAILABLE unknown', setCookies: [DELETED] })
    expect((await here.visit('/logout', cookie)).status).toBe(503)
    expect((await store.read(id, [])).record).toBeDefined()
    store.restore()
    expect((await here.visit('/me', cookie)).body).toBe(USER)
    await here.visit('/logout', cookie)
    expect((await store.read(id, [])).record).toBeUndefined()
  })

  it('G5 the store never sees the secret of the cookie: a leaked database signs nobody in', async () => {
    const { body: id, cookie } = await here.visit('/login')
    const { record } = await store.read(id, [])
    expect(record).toMatchObject({ id, userId: USER })
    const groups = record?.groups.map(({ group }) => group) ?? []
    // Everything that the database holds, sealed by somebody who has the cookie secret too.
    for (const secret of [record?.secretHash, 's'.repeat(43), id.padEnd(43, 'x')]) {
      const payload = { id, secret, groups }
      const forged = await sealData(payload, { password: { 1: SECRET }, ttl: 60 })
      expect((await here.visit('/me', `__Host-session=${forged}`)).body).toBe('nobody')
      expect(JSON.stringify(store.calls)).not.toContain(cookie.slice(-60))
    }
    expect((await here.visit('/me', cookie)).body).toBe(USER)
  })

  it('G5 the cookie never shows an id: a leaked cookie says nothing about its session', async () => {
    const { body: id, cookie } = await here.visit('/login')
    const decoded = cookie.split(/[*=]/).map((part) => Buffer.from(part, 'base64url').toString())
    for (const hidden of [id, USER, 'everyone']) {
      expect([cookie, ...decoded].join('\n')).not.toContain(hidden)
      expect(cookie).not.toContain(btoa(hidden).replace(/=+$/, ''))
    }
    const known = JSON.stringify([here.events, await here.sessions.list(USER)])
    expect(known).toContain(id)
    expect(known).not.toMatch(/Fe26|secret/i)
    expect((await here.visit('/me', `__Host-session=${id}`)).body).toBe('nobody')
  })

  it('G6 one Set-Cookie: the last call wins, and what changes nothing sends none', async () => {
    expect((await here.visit('/')).setCookies).toEqual([])
    expect((await here.visit('/everything')).setCookies).toEqual([DELETED])
    const { cookie, setCookies } = await here.visit('/login')
    expect(setCookies).toHaveLength(1)
    for (const path of ['/', '/me', '/save', '/me']) {
      expect((await here.visit(path, cookie)).setCookies, path).toEqual([])
    }
    expect((await here.visit('/everything', cookie)).setCookies).toEqual([DELETED])
    expect((await here.visit('/logout', cookie)).setCookies).toEqual([DELETED])
  })
}

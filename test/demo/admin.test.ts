import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Browser } from './browser.ts'
import { ADA, GRACE, openDemo, SIDES, type TestDemo } from './support.ts'

let world: TestDemo
beforeAll(async () => {
  world = await openDemo()
})
afterAll(() => world[Symbol.asyncDispose]())

describe.each(SIDES)('the admin page on $name', ({ here, there }) => {
  let ours: string
  let theirs: string

  async function arrive(): Promise<{
    admin: Browser
    ada: Browser
    adas: Browser[]
    other: Browser
  }> {
    ours = world.demo[here]
    theirs = world.demo[there]
    const admin = await world.signedIn(ours, GRACE)
    await admin.open(`${ours}/admin/revoke`, { form: { everyone: 'yes' } })
    await admin.open(`${ours}/admin`)
    const ada = await world.signedIn(ours, ADA)
    return {
      admin,
      ada,
      adas: [ada, await world.signedIn(theirs, ADA)],
      other: await world.signedIn(theirs, GRACE),
    }
  }

  async function usersOf(browsers: readonly Browser[]): Promise<(string | null)[]> {
    return Promise.all(browsers.map(async (browser) => (await browser.whoami(ours)).user))
  }

  it('is for admins only', async () => {
    const { ada, adas } = await arrive()
    const id = (await adas[1]?.whoami(ours))?.session ?? ''
    const form = { everyone: 'yes', id }
    expect((await ada.open(`${ours}/admin`)).status).toBe(403)
    for (const path of ['/admin/end', '/admin/revoke']) {
      expect((await ada.open(`${ours}${path}`, { form })).status).toBe(403)
    }
    const { body } = await ada.open(`${ours}/admin/events`)
    expect(body).toBe('event: ended\ndata: signed out\n\n')
    expect((await ada.open(`${ours}/account`)).body).not.toContain('href="/admin"')

    await ada.open(`${ours}/logout`, { form: {} })
    const toSignIn = { status: 303, location: '/' }
    expect(await ada.open(`${ours}/admin`)).toMatchObject(toSignIn)
    expect(await ada.open(`${ours}/admin/revoke`, { form })).toMatchObject(toSignIn)
    expect(await usersOf(adas)).toEqual([null, 'ada'])
  })

  it('finds a user, and ends one session or all', async () => {
    const { admin, ada, adas, other } = await arrive()
    const all = (await admin.open(`${ours}/admin`)).body
    expect(all).toContain('id="user-ada"')
    expect(all).toContain('id="user-grace"')
    const found = (await admin.open(`${ours}/admin?q=ad`)).body
    expect(found).toContain('id="user-ada"')
    expect(found).toContain('2 devices are signed in.')
    expect(found).not.toContain('id="user-grace"')
    expect((await admin.open(`${ours}/admin?q=zzz`)).body).toContain('Nobody is called that.')

    const id = (await ada.whoami(ours)).session ?? ''
    await admin.open(`${ours}/admin/end`, { form: { id } })
    expect(await usersOf(adas)).toEqual([null, 'ada'])
    expect((await admin.open(`${ours}/admin`)).body).toContain('That session has ended.')

    await admin.open(`${ours}/admin/revoke`, { form: { user: 'ada' } })
    expect(await usersOf([...adas, other, admin])).toEqual([null, null, 'grace', 'grace'])
  })

  it('spares its own session where it ends all of this user', async () => {
    const { admin, other } = await arrive()
    await admin.open(`${ours}/admin/revoke`, { form: { user: 'grace' } })
    expect(await usersOf([admin, other])).toEqual(['grace', null])
  })

  it('revokes a tag', async () => {
    const { admin, adas, other } = await arrive()
    await admin.open(`${ours}/admin/revoke`, { form: { tag: 'org:analytical' } })
    expect(await usersOf([...adas, other, admin])).toEqual([null, null, 'grace', 'grace'])
    expect((await admin.open(`${ours}/admin`)).body).toContain('Sessions that were ended: 2.')
    await admin.open(`${ours}/admin/revoke`, { form: { tag: 'org:navy' } })
    expect(await usersOf([other, admin])).toEqual([null, 'grace'])
  })

  it('revokes everyone but itself', async () => {
    const { admin, adas, other } = await arrive()
    await admin.open(`${ours}/admin/revoke`, { form: { everyone: 'yes' } })
    expect(await usersOf([...adas, other, admin])).toEqual([null, null, null, 'grace'])
  })

  it('refuses a form that does not say whom', async () => {
    const { admin, adas } = await arrive()
    for (const form of [{}, { everyone: 'no' }, { user: '' }]) {
      expect((await admin.open(`${ours}/admin/revoke`, { form })).status).toBe(400)
    }
    expect(await usersOf(adas)).toEqual(['ada', 'ada'])
  })

  it('shows what happened by ids, and no cookie', async () => {
    const { admin, ada } = await arrive()
    const session = (await ada.whoami(ours)).session ?? ''
    await ada.open(`${ours}/logout`, { form: {} })
    const { body } = await admin.open(`${ours}/admin`)
    expect(body).toContain('ended: logout')
    expect(body).toContain(session.slice(0, 8))
    expect(body).not.toContain('Fe26')
  })
})

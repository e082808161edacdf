import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Browser } from './browser.ts'
import { ADA, GRACE, openDemo, SIDES, type TestDemo } from './support.ts'

let world: TestDemo
beforeAll(async () => {
  world = await openDemo()
})
afterAll(() => world[Symbol.asyncDispose]())

describe.each(SIDES)('the account page on $name', ({ name, here, there }) => {
  let ours: string
  let theirs: string
  beforeEach(async () => {
    ours = world.demo[here]
    theirs = world.demo[there]
    const ada = await world.signedIn(ours, ADA)
    await ada.open(`${ours}/sessions/end-others`, { form: {} })
    await ada.open(`${ours}/logout`, { form: {} })
  })

  it('signs in on both apps at once, and out of both', async () => {
    const browser = new Browser()
    expect((await browser.open(`${ours}/account`)).location).toBe('/')
    const front = await browser.open(`${ours}/`)
    expect(front.body).toContain(`Served by <strong>${name}</strong>`)
    expect(front.body).toContain('lovelace')

    const answer = await browser.signIn(ours, ADA.user, ADA.password)
    expect(answer).toMatchObject({ status: 303, location: '/account' })
    for (const origin of [ours, theirs]) {
      expect((await browser.open(`${origin}/account`)).body).toContain('<strong>ada</strong>')
      expect((await browser.open(`${origin}/`)).location).toBe('/account')
    }

    const { cookie } = browser
    const out = await browser.open(`${theirs}/logout`, { form: {} })
    expect(out).toMatchObject({ status: 303, location: '/?signed-out' })
    expect(out.headers['clear-site-data']).toBe('"cache", "storage"')
    expect(browser.cookie).toBe('')
    expect((await browser.open(`${theirs}/?signed-out`)).body).toContain('You are signed out.')
    browser.cookie = cookie
    expect(await browser.whoami(ours)).toEqual({ user: null, session: null })
  })

  it('shows a failed sign-in beside its field, and nobody is signed in', async () => {
    const browser = new Browser()
    const { status, body } = await browser.signIn(ours, 'ada', 'wrong')
    expect(status).toBe(401)
    expect(body).toMatch(/<input[^>]*id="password"[^>]*aria-describedby="password-error"/s)
    expect(body).toContain('Wrong user or password.')
    expect(body).toMatch(/<input[^>]*id="user"[^>]*value="ada"/s)
    expect(browser.cookie).toBe('')
    expect((await browser.signIn(ours, 'nobody', 'wrong')).status).toBe(401)
  })

  it('lists the devices of this user, ends one and says so once', async () => {
    const laptop = await world.signedIn(ours, ADA)
    const phone = new Browser('Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) Safari/605.1')
    await phone.signIn(theirs, ADA.user, ADA.password)
    const grace = await world.signedIn(ours, GRACE)
    const { session: id } = await phone.whoami(ours)

    const page = (await laptop.open(`${ours}/account`)).body
    expect(page).toContain('2 devices are signed in.')
    expect(page).toContain('Firefox on Linux')
    expect(page).toContain('Safari on iOS')
    expect(page).toContain('127.0.0.0')
    expect(page.match(/This device/g)).toHaveLength(1)
    expect(page.match(/action="\/sessions\/end"/g)).toHaveLength(1)

    const form = { id: id ?? '' }
    expect(await laptop.open(`${ours}/sessions/end`, { form })).toMatchObject({
      status: 303,
      location: '/account',
    })
    expect(await phone.whoami(theirs)).toMatchObject({ user: null })
    const after = (await laptop.open(`${ours}/account`)).body
    expect(after).toContain('That session has ended.')
    expect(after).toContain('One device is signed in.')
    expect((await laptop.open(`${ours}/account`)).body).not.toContain('That session has ended.')
    expect(await grace.whoami(ours)).toMatchObject({ user: 'grace' })
  })

  it('ends no session of another user', async () => {
    const ada = await world.signedIn(ours, ADA)
    const grace = await world.signedIn(ours, GRACE)
    const { session: id } = await grace.whoami(ours)
    await ada.open(`${ours}/sessions/end`, { form: { id: id ?? '' } })
    expect((await ada.open(`${ours}/account`)).body).toContain('It was over already.')
    expect(await grace.whoami(ours)).toMatchObject({ user: 'grace' })
  })

  it('ends all others, on both apps', async () => {
    const first = await world.signedIn(ours, ADA)
    const others = [await world.signedIn(ours, ADA), await world.signedIn(theirs, ADA)]
    await first.open(`${ours}/sessions/end-others`, { form: {} })
    const { body } = await first.open(`${ours}/account`)
    expect(body).toContain('Other sessions that were ended: 2.')
    expect(body).toContain('One device is signed in.')
    for (const other of others) expect(await other.whoami(ours)).toMatchObject({ user: null })
  })

  it('changes the password, which ends all others and the old password', async () => {
    const first = await world.signedIn(ours, ADA)
    const second = await world.signedIn(theirs, ADA)
    const next = 'analytical engine'
    const form = { current: ADA.password, next }
    expect(await first.open(`${ours}/password`, { form })).toMatchObject({
      status: 303,
      location: '/account',
    })
    expect((await first.open(`${ours}/account`)).body).toContain('Password changed.')
    expect(await second.whoami(theirs)).toMatchObject({ user: null })
    expect((await second.signIn(theirs, 'ada', ADA.password)).status).toBe(401)
    expect((await second.signIn(theirs, 'ada', next)).location).toBe('/account')

    const back = { current: next, next: ADA.password }
    expect((await first.open(`${theirs}/password`, { form: back })).location).toBe('/account')
    expect(await second.whoami(ours)).toMatchObject({ user: null })
  })

  it.each([
    { current: 'wrong', next: 'long enough', status: 403, field: 'current' },
    { current: 'lovelace', next: 'short', status: 400, field: 'next' },
    { current: 'lovelace', next: 'x'.repeat(201), status: 400, field: 'next' },
  ])('refuses $field where it is wrong, and ends nobody', async (wrong) => {
    const { status, field, ...form } = wrong
    const first = await world.signedIn(ours, ADA)
    const second = await world.signedIn(theirs, ADA)
    const answer = await first.open(`${ours}/password`, { form })
    expect(answer.status).toBe(status)
    expect(answer.body).toMatch(new RegExp(`id="${field}"[^>]*aria-invalid="true"`, 's'))
    expect(await second.whoami(ours)).toMatchObject({ user: 'ada' })
    expect((await new Browser().signIn(ours, 'ada', ADA.password)).status).toBe(303)
  })
})

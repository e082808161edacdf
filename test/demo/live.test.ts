import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Browser } from './browser.ts'
import { ADA, GRACE, openDemo, SIDES, type TestDemo } from './support.ts'

const SOON = { timeout: 5000, interval: 20 }

let world: TestDemo
beforeEach(async () => {
  world = await openDemo()
})
afterEach(() => world[Symbol.asyncDispose]())

describe.each(SIDES)('what an open page is told on $name', ({ here, there }) => {
  it('sees devices come and go', async () => {
    const [ours, theirs] = [world.demo[here], world.demo[there]]
    const ada = await world.signedIn(ours, ADA)
    const events = await ada.listen(`${ours}/account/events`)
    expect(events.headers).toMatchObject({
      'content-type': expect.stringContaining('text/event-stream') as string,
      'cache-control': 'no-store',
    })
    await vi.waitFor(() => expect(events.text).toContain('One device is signed in.'), SOON)
    const phone = new Browser('<b>phone</b>')
    await phone.signIn(theirs, ADA.user, ADA.password)
    await vi.waitFor(() => expect(events.text).toContain('2 devices are signed in.'), SOON)
    expect(events.text).toContain('&lt;b&gt;phone&lt;/b&gt;')
    await phone.open(`${theirs}/logout`, { form: {} })
    await vi.waitFor(
      () => expect(events.text).toMatch(/2 devices are signed in\..*One device is signed in\./s),
      SOON,
    )
    expect(events.isOver).toBe(false)
  })

  it.each(['/account/events', '/admin/events', '/why/events'])(
    '%s says that the session has ended, and is over',
    async (path) => {
      const [ours, theirs] = [world.demo[here], world.demo[there]]
      const first = await world.signedIn(ours, GRACE)
      const second = await world.signedIn(theirs, GRACE)
      const events = await first.listen(`${ours}${path}`)
      await vi.waitFor(() => expect(events.text).toContain('event: update'), SOON)
      await second.open(`${theirs}/sessions/end-others`, { form: {} })
      await vi.waitFor(() => expect(events.isOver).toBe(true), SOON)
      expect(events.text.endsWith('event: ended\ndata: signed out\n\n')).toBe(true)
    },
  )

  it('tells nothing to who is not signed in', async () => {
    const events = await new Browser().listen(`${world.demo[here]}/account/events`)
    await vi.waitFor(() => expect(events.isOver).toBe(true), SOON)
    expect(events.text).toBe('event: ended\ndata: signed out\n\n')
  })

  it('goes on where the password was changed on this device', async () => {
    const ours = world.demo[here]
    const ada = await world.signedIn(ours, ADA)
    const events = await ada.listen(`${ours}/account/events`)
    await vi.waitFor(() => expect(events.text).toContain('One device is signed in.'), SOON)
    const form = { current: ADA.password, next: ADA.password }
    await ada.open(`${ours}/password`, { form })
    const second = await world.signedIn(ours, ADA)
    await vi.waitFor(() => expect(events.text).toContain('2 devices are signed in.'), SOON)
    await second.open(`${ours}/sessions/end-others`, { form: {} })
    await vi.waitFor(() => expect(events.isOver).toBe(true), SOON)
  })
})

it('ends open streams when the demo stops', async () => {
  await using other = await openDemo()
  const ada = await other.signedIn(other.demo.express, ADA)
  const streams = [
    await ada.listen(`${other.demo.express}/account/events`),
    await ada.listen(`${other.demo.hono}/account/events`),
  ]
  await other.demo[Symbol.asyncDispose]()
  await vi.waitFor(() => expect(streams.every(({ isOver }) => isOver)).toBe(true), SOON)
})

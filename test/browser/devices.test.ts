/** Several browsers of one user, and requests that are answered late. */
import type { Handler, Routes } from '@adjourn/core/testing'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { oneFramework, show, useSites, type Site } from './site.ts'
import { jar, textOf, useChromium } from './support.ts'

const browser = useChromium()
const sites = useSites()

const SCRIPT = `<p id="state">waiting</p><script>
  const state = document.querySelector('#state')
  const events = new EventSource('/events')
  events.addEventListener('begun', () => { state.textContent = 'signed in' })
  events.addEventListener('ended', () => { state.textContent = 'signed out'; events.close() })
</script>`

const live: Routes = {
  '/live': (_session, reply) => show(reply, SCRIPT),
  '/events': async (session, reply) => {
    reply.setHeader('content-type', 'text/event-stream')
    await reply.stream(eventsUntil(session.signal))
  },
  '/others': async (session, reply) => {
    await session.revokeOthers()
    await show(reply, 'only this one')
  },
}

async function* eventsUntil(signal: AbortSignal): AsyncGenerator<string> {
  yield 'event: begun\ndata: \n\n'
  if (!signal.aborted) {
    await new Promise((resolve) => {
      signal.addEventListener('abort', resolve, { once: true })
    })
  }
  yield 'event: ended\ndata: \n\n'
}

async function signIn(site: Site): Promise<Page> {
  const page = await browser.page()
  await page.goto(`${site.https()}/in`)
  return page
}

async function openLive(site: Site, page: Page): Promise<void> {
  await page.goto(`${site.https()}/live`)
  await page.getByText('signed in').waitFor()
}

describe.each(oneFramework)('%s: a device that another one signs out', (_framework, start) => {
  const ways: Record<string, (site: Site, mine: Page) => Promise<unknown>> = {
    'by destroy': async (site) => {
      const [, first] = await site.sessions.list('ann')
      return site.sessions.destroy(first?.id ?? '')
    },
    'by revokeOthers': (site, mine) => mine.goto(`${site.https()}/others`),
  }

  it.each(Object.keys(ways))(
    '%s: learns it live, and loses its cookie when it moves on',
    async (way) => {
      const site = await sites.start(start, { routes: live })
      const theirs = await signIn(site)
      const mine = await signIn(site)
      await openLive(site, theirs)

      await ways[way]?.(site, mine)
      await theirs.getByText('signed out').waitFor()

      // A script's request leaves the cookie where it is.
      const [dead] = await jar(theirs)
      expect(dead?.value).toMatch(/./)
      const asked = theirs.waitForRequest('**/me')
      expect(await theirs.evaluate(() => fetch('/me').then((answer) => answer.text()))).toContain(
        'nobody',
      )
      const sent = await (await asked).allHeaders()
      expect(sent).toMatchObject({ 'sec-fetch-mode': 'cors', 'sec-fetch-site': 'same-origin' })
      expect(sent['cookie']).toContain('__Host-session=')
      expect(await jar(theirs)).toEqual([dead])

      const answer = await theirs.goto(`${site.https()}/me`)
      expect(await answer?.request().allHeaders()).toMatchObject({ 'sec-fetch-mode': 'navigate' })
      expect(await textOf(theirs)).toContain('nobody')
      expect(await jar(theirs)).toEqual([])

      await mine.goto(`${site.https()}/me`)
      expect(await textOf(mine)).toContain('ann')
    },
  )
})

describe.each(oneFramework)('%s: a slow request with a dead cookie', (_framework, start) => {
  /** A handler that answers when it is let go. */
  function slow(): { handler: Handler; arrived: () => boolean; release: () => void } {
    let release = (): void => {}
    let arrived = false
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const handler: Handler = async (_session, reply) => {
      arrived = true
      await released
      await show(reply, 'late')
    }
    return { handler, arrived: () => arrived, release: () => release() }
  }

  it('does not take away, by a script’s late answer, the cookie of a login made meanwhile', async () => {
    const late = slow()
    const site = await sites.start(start, { routes: { '/slow': late.handler } })
    const page = await signIn(site)
    const [session] = await site.sessions.list('ann')
    await site.sessions.destroy(session?.id ?? '')

    const [dead] = await jar(page)
    const answered = page.waitForResponse('**/slow')
    await page.evaluate(() => {
      document.title = 'asking'
      void fetch('/slow').then(() => {
        document.title = 'answered'
      })
    })
    await expect.poll(late.arrived).toBe(true)

    const other = await page.context().newPage()
    await other.goto(`${site.https()}/in`)
    const [fresh] = await jar(other)
    expect(fresh?.value).not.toBe(dead?.value)

    late.release()
    const sent = await (await answered).request().allHeaders()
    expect(sent['cookie']).toBe(`__Host-session=${dead?.value}`)
    await page.waitForFunction(() => document.title === 'answered')
    expect(await jar(other)).toEqual([fresh])
    await other.goto(`${site.https()}/me`)
    expect(await textOf(other)).toContain('ann')
  })
})

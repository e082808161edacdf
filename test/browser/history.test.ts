/** What the browser itself keeps of a signed-in user: pages to go back to, storage, caches. */
import type { Routes } from '@adjourn/core/testing'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { oneFramework, show, useSites } from './site.ts'
import { jar, screenshot, textOf, useChromium } from './support.ts'

const browser = useChromium()
const sites = useSites()

const TELL_PERSISTED = `<script>
  addEventListener('pageshow', (event) => {
    document.querySelector('#from').textContent = event.persisted ? 'kept' : 'loaded'
  })
</script>`

const routes: Routes = {
  '/kept': (session, reply) =>
    show(reply, `<p>${session.userId ?? 'nobody'}</p><p id="from"></p>${TELL_PERSISTED}`),
  '/leave-all': async (session, reply) => {
    await session.end({ clearSiteData: ['*'] })
    await show(reply, 'bye')
  },
  '/leave': async (session, reply) => {
    await session.end({ clearSiteData: true })
    await show(reply, 'bye')
  },
  '/cached': async (_session, reply) => {
    reply.setHeader('cache-control', 'max-age=3600')
    await show(reply, String(Math.random()))
  },
}

describe.each(oneFramework)('%s: the back button after signing out', (_framework, start) => {
  it('shows nothing of a page with Cache-Control: no-store', async () => {
    const site = await sites.start(start, { routes })
    const page = await browser.page()
    await page.goto(`${site.https()}/in`)
    await page.goto(`${site.https()}/me`)
    expect(await textOf(page)).toContain('ann')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.waitForURL('**/out')
    await page.goBack()
    await page.waitForURL('**/me')
    expect(await textOf(page)).toContain('nobody')
    expect(await textOf(page)).not.toContain('ann')
  })

  it('shows a page without it as it was, whatever Clear-Site-Data says', async () => {
    const site = await sites.start(start, { routes })
    const page = await browser.page()
    await page.goto(`${site.https()}/in`)
    await page.goto(`${site.https()}/kept`)
    expect(await textOf(page)).toMatch(/ann\s+loaded/)
    await page.goto(`${site.https()}/leave-all`)
    // What the browser kept whole is not loaded again.
    await page.goBack({ waitUntil: 'commit' })
    await expect.poll(() => textOf(page), { timeout: 30_000 }).toMatch(/ann\s+kept/)
  })
})

describe.each(oneFramework)('%s: end({ clearSiteData: true })', (_framework, start) => {
  it('empties storage, databases and caches of the origin', async () => {
    const site = await sites.start(start, { routes })
    const page = await browser.page()
    await page.goto(`${site.https()}/in`)
    await page.evaluate(fill)
    const cached = await askCached(page)
    expect(await askCached(page)).toBe(cached)
    expect(await page.evaluate(contents)).toEqual({
      local: 1,
      session: 1,
      databases: ['private'],
      caches: ['private'],
    })

    await page.goto(`${site.https()}/leave`)
    expect(await page.evaluate(contents)).toMatchObject({ local: 0, databases: [], caches: [] })
    expect(await askCached(page)).not.toBe(cached)
    expect(await jar(page)).toEqual([])
  })

  it('by a plain end() leaves them', async () => {
    const site = await sites.start(start, { routes })
    const page = await browser.page()
    await page.goto(`${site.https()}/in`)
    await page.evaluate(fill)
    await page.goto(`${site.https()}/out`)
    expect(await page.evaluate(contents)).toMatchObject({ local: 1, databases: ['private'] })
  })
})

it('has its screenshots on a phone and on a desk, light and dark', async () => {
  const page = await browser.page()
  await page.setContent('<meta name="color-scheme" content="light dark"><h1>Signed out</h1>')
  expect((await screenshot(page, 'support')).map((path) => path.split('/').at(-1))).toEqual([
    'support-360-light.png',
    'support-360-dark.png',
    'support-1280-light.png',
    'support-1280-dark.png',
  ])
})

const askCached = (page: Page): Promise<string> =>
  page.evaluate(() => fetch('/cached').then((answer) => answer.text()))

/** In the page. */
async function fill(): Promise<void> {
  localStorage.setItem('private', '1')
  sessionStorage.setItem('private', '1')
  await new Promise((resolve, reject) => {
    const opening = indexedDB.open('private')
    opening.addEventListener('success', () => {
      opening.result.close()
      resolve(undefined)
    })
    opening.addEventListener('error', reject)
  })
  const cache = await caches.open('private')
  await cache.put('/private', new Response('1'))
}

/** In the page. */
async function contents(): Promise<object> {
  return {
    local: localStorage.length,
    session: sessionStorage.length,
    databases: (await indexedDB.databases()).map(({ name }) => name),
    caches: await caches.keys(),
  }
}

/** What signing in and out does to a real browser's cookies. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { frameworks, useSites } from './site.ts'
import { jar, textOf, useChromium } from './support.ts'

const browser = useChromium()
const sites = useSites()

const YEAR_2000 = 946_684_800

describe.each(frameworks)('%s', (_framework, start) => {
  it('signs out: the cookie is gone from the browser, the record from the store', async () => {
    const site = await sites.start(start)
    const page = await browser.cleanPage()
    await page.goto(`${site.https()}/in`)
    const [cookie] = await jar(page)
    expect(cookie).toMatchObject({
      name: '__Host-session',
      domain: 'adjourn.test',
      path: '/',
      httpOnly: true,
      secure: true,
      sameSite: 'Lax',
    })
    expect(cookie?.expires).toBeGreaterThan(YEAR_2000)
    expect(await page.evaluate(() => document.cookie)).toBe('')
    expect(await site.count()).toBe(1)

    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.waitForURL('**/out')
    expect(await jar(page)).toEqual([])
    expect(await site.count()).toBe(0)
  })

  it('signs nobody in with the old cookie put back by hand, and takes it away again', async () => {
    const site = await sites.start(start)
    const page = await browser.cleanPage()
    await page.goto(`${site.https()}/in`)
    const kept = await page.context().cookies()
    await page.goto(`${site.https()}/out`)
    await page.context().addCookies(kept)
    expect(await jar(page)).toHaveLength(1)

    await page.goto(`${site.https()}/me`)
    expect(await textOf(page)).toContain('nobody')
    expect(await jar(page)).toEqual([])
  })

  it('signs out of all subdomains from any of them, where they share the cookie', async () => {
    const site = await sites.start(start, { cookie: { domain: 'adjourn.test' } })
    const page = await browser.cleanPage()
    await page.goto(`${site.https('adjourn.test')}/in`)
    expect(await jar(page)).toMatchObject([{ name: '__Secure-session', domain: '.adjourn.test' }])
    await page.goto(`${site.https('app.adjourn.test')}/me`)
    expect(await textOf(page)).toContain('ann')

    await page.goto(`${site.https('app.adjourn.test')}/out`)
    expect(await jar(page)).toEqual([])
    await page.goto(`${site.https('adjourn.test')}/me`)
    expect(await textOf(page)).toContain('nobody')
  })

  it('shows a host-only cookie to no subdomain', async () => {
    const site = await sites.start(start)
    const page = await browser.cleanPage()
    await page.goto(`${site.https('adjourn.test')}/in`)
    await page.goto(`${site.https('app.adjourn.test')}/out`)
    expect(await textOf(page)).toContain('nobody')
    await page.goto(`${site.https('adjourn.test')}/me`)
    expect(await textOf(page)).toContain('ann')
  })

  it('keeps a cookie of a path to that path, and signs out there', async () => {
    const site = await sites.start(start, { cookie: { path: '/app' } })
    const page = await browser.cleanPage()
    await page.goto(`${site.https()}/app/in`)
    expect(await jar(page)).toMatchObject([{ name: '__Secure-session', path: '/app' }])
    await page.goto(`${site.https()}/me`)
    expect(await textOf(page)).toContain('nobody')
    await page.goto(`${site.https()}/app/out`)
    expect(await jar(page)).toEqual([])
  })

  it('works on plain http with secure: false', async () => {
    const site = await sites.start(start, { cookie: { secure: false } })
    const page = await browser.cleanPage()
    await page.goto(`${site.http('app.adjourn.test')}/in`)
    expect(await jar(page)).toMatchObject([{ name: 'session', secure: false, httpOnly: true }])
    await page.goto(`${site.http('app.adjourn.test')}/out`)
    expect(await jar(page)).toEqual([])
  })

  it('signs out of a cookie that lasts until the browser closes', async () => {
    const site = await sites.start(start, { cookie: { persistent: false } })
    const page = await browser.cleanPage()
    await page.goto(`${site.https()}/in`)
    expect(await jar(page)).toMatchObject([{ name: '__Host-session', expires: -1 }])
    await page.goto(`${site.https()}/out`)
    expect(await jar(page)).toEqual([])
  })

  it('signs out in a frame on another site, whose partitioned cookie goes', async () => {
    const site = await sites.start(start, { cookie: { partitioned: true, sameSite: 'none' } })
    const page = await browser.cleanPage()
    const frame = await sites.embed(page, `${site.https()}/in`)
    expect(await textOf(frame)).toContain('ann')
    expect(await jar(page)).toMatchObject([
      { partition: 'https://embedder.test', sameSite: 'None' },
    ])

    await frame.getByRole('button').click()
    await expect.poll(() => textOf(frame)).toContain('nobody')
    expect(await jar(page)).toEqual([])
    expect(await site.count()).toBe(0)
  })

  it('has a partitioned cookie for each site that embeds it, and ends only the one', async () => {
    const site = await sites.start(start, { cookie: { partitioned: true, sameSite: 'none' } })
    const page = await browser.cleanPage()
    await page.goto(`${site.https()}/in`)
    const frame = await sites.embed(page, `${site.https()}/in`)
    expect(await jar(page)).toHaveLength(2)
    await frame.getByRole('button').click()
    await expect.poll(() => textOf(frame)).toContain('nobody')
    expect(await jar(page)).toMatchObject([{ partition: 'https://adjourn.test' }])
    await page.goto(`${site.https()}/me`)
    expect(await textOf(page)).toContain('ann')
  })

  it('deletes cookies of an earlier configuration with the first page', async () => {
    const previous = [
      { name: 'connect.sid' },
      { name: 'old', path: '/app', domain: 'adjourn.test' },
    ]
    const site = await sites.start(start, { cookie: { previous } })
    const page = await browser.cleanPage()
    const url = 'https://adjourn.test'
    await page.context().addCookies([
      { name: 'connect.sid', value: 'x', url },
      { name: 'old', value: 'x', domain: '.adjourn.test', path: '/app', secure: true },
      { name: 'theirs', value: 'x', url },
    ])
    await page.goto(`${site.https()}/app/me`)
    expect(await jar(page)).toMatchObject([{ name: 'theirs' }])
  })

  it('deletes an earlier cookie of the same name, and the present one signs in again', async () => {
    const previous = [{ name: '__Secure-session', domain: 'adjourn.test', path: '/app' }]
    const site = await sites.start(start, { cookie: { path: '/app', previous } })
    const page = await browser.cleanPage()
    await page.goto(`${site.https()}/app/in`)
    const earlier = { name: '__Secure-session', value: 'x', secure: true }
    await page.context().addCookies([{ ...earlier, domain: '.adjourn.test', path: '/app' }])
    await page.goto(`${site.https()}/app/me`)
    expect(await jar(page)).toMatchObject([{ domain: 'adjourn.test' }])
    await page.goto(`${site.https()}/app/me`)
    expect(await textOf(page)).toContain('ann')
  })
})

describe('a cookie that is', () => {
  const [, start] = frameworks[0] ?? []

  /** Signs in, and comes back by a link on another site. */
  async function comeBack(sameSite: 'lax' | 'strict' | 'none'): Promise<Page> {
    if (start === undefined) throw new Error('No framework')
    const site = await sites.start(start, { cookie: { sameSite } })
    const other = await sites.serve((_request, response) => {
      response.setHeader('content-type', 'text/html')
      response.end(`<a href="${site.https()}/me">there</a>`)
    })
    const page = await browser.cleanPage()
    await page.goto(`${site.https()}/in`)
    await page.goto(other.https('other.test'))
    await page.getByRole('link').click()
    await page.waitForURL('**/me')
    return page
  }

  it.each([
    ['strict', 'nobody', 'Strict'],
    ['lax', 'ann', 'Lax'],
    ['none', 'ann', 'None'],
  ] as const)('sameSite %s: a link from another site shows %s', async (sameSite, who, kept) => {
    const page = await comeBack(sameSite)
    expect(await textOf(page)).toContain(who)
    expect(await jar(page)).toMatchObject([{ sameSite: kept }])
    await page.goto(new URL('/out', page.url()).href)
    expect(await jar(page)).toEqual([])
  })
})

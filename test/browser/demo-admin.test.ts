/** The admin page, and who is not to see it. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import {
  ADA,
  AT_ONCE,
  GRACE,
  IS_THOROUGH,
  LAPTOP,
  ONE_SIDE,
  PHONE,
  sending,
  useDemo,
} from './demo.ts'
import { textOf, useChromium } from './support.ts'

const browser = useChromium()
const open = useDemo()

interface People {
  readonly origin: string
  readonly grace: Page
  /** Another device of the same admin. */
  readonly phone: Page
  readonly ada: Page
}

const button = (page: Page, name: string): Promise<void> =>
  sending(page, () => page.getByRole('button', { name }).click())

const wasSignedOut = (page: Page): Promise<void> =>
  page.getByRole('heading', { name: 'You were signed out' }).waitFor(AT_ONCE)

async function isSignedIn(page: Page): Promise<void> {
  await sending(page, () => page.reload())
  expect(await page.getByRole('button', { name: 'Sign out' }).count()).toBe(1)
}

/** As the form does, without looking at it. */
async function enter(page: Page, origin: string, form: typeof ADA): Promise<void> {
  const answer = await page.request.post(`${origin}/login`, { form, headers: { origin } })
  expect(answer.url()).toBe(`${origin}/account`)
  await page.goto(`${origin}/account`)
}

describe.each(ONE_SIDE)('the admin page on $name', ({ here, there }) => {
  async function arrive(): Promise<People> {
    const demo = await open()
    const [grace, phone, ada] = await Promise.all([
      browser.page({ userAgent: LAPTOP }),
      browser.page({ userAgent: PHONE }),
      browser.page({ userAgent: PHONE }),
    ])
    await Promise.all([
      enter(grace, demo[here], GRACE),
      enter(phone, demo[there], GRACE),
      enter(ada, demo[there], ADA),
    ])
    await ada.getByText('Live').waitFor()
    await sending(grace, () => grace.getByRole('link', { name: 'Admin' }).click())
    await grace.getByText('Live').waitFor()
    return { origin: demo[here], grace, phone, ada }
  }

  it('finds a user and ends all of her sessions', async () => {
    const { origin, grace, phone, ada } = await arrive()
    expect(await grace.locator('h3[id^=user-]').allInnerTexts()).toEqual(['ada', 'grace'])
    await grace.getByRole('searchbox').fill('ad')
    await sending(grace, () => grace.keyboard.press('Enter'))
    expect(grace.url()).toBe(`${origin}/admin?q=ad`)
    expect(await grace.locator('h3[id^=user-]').allInnerTexts()).toEqual(['ada'])

    await button(grace, 'End all sessions of ada')
    expect(await textOf(grace)).toContain('Sessions that were ended: 1.')
    await wasSignedOut(ada)
    await isSignedIn(phone)
  })

  if (IS_THOROUGH) {
    it('ends one session, and the list of what happened grows by itself', async () => {
      const { grace, phone, ada } = await arrive()
      const hers = grace.getByRole('article', { name: 'ada' })
      await sending(grace, () => hers.getByRole('button', { name: 'End', exact: true }).click())
      await wasSignedOut(ada)
      expect(await textOf(grace)).toContain('That session has ended.')
      await sending(ada, () => ada.getByRole('link', { name: 'Sign in again' }).click())

      await grace.getByText('Live').waitFor()
      await button(phone, 'Sign out')
      const newest = grace.getByRole('table').getByRole('row').nth(1)
      await grace.getByRole('rowheader', { name: 'ended: logout' }).waitFor(AT_ONCE)
      expect(await newest.innerText()).toMatch(/ended: logout\s+grace/)
      expect(await textOf(grace)).not.toContain('Fe26')
    })
  }

  if (IS_THOROUGH) {
    it('revokes a tag', async () => {
      const { grace, phone, ada } = await arrive()
      await grace.getByLabel('Tag').selectOption('org:analytical')
      await button(grace, 'End all sessions with this tag')
      expect(await textOf(grace)).toContain('Sessions that were ended: 1.')
      await wasSignedOut(ada)
      await isSignedIn(phone)
    })
  }

  it('revokes everyone but itself, and not by mistake', async () => {
    const { grace, phone, ada } = await arrive()
    await phone.getByText('Live').waitFor()
    const everyone = grace.getByRole('button', { name: 'End the sessions of everyone' })
    await everyone.click()
    expect(await grace.getByRole('checkbox').evaluate((box) => box.matches(':invalid:focus'))).toBe(
      true,
    )
    await isSignedIn(ada)
    await ada.getByText('Live').waitFor()

    await grace.getByRole('checkbox').check()
    await sending(grace, () => everyone.click())
    expect(await textOf(grace)).toContain('Sessions that were ended: 2.')
    await Promise.all([wasSignedOut(ada), wasSignedOut(phone)])
    await isSignedIn(grace)
  })

  it('is refused to who is no admin', async () => {
    const { origin, ada, grace } = await arrive()
    expect(await ada.getByRole('link', { name: 'Admin' }).count()).toBe(0)
    expect((await ada.goto(`${origin}/admin`))?.status()).toBe(403)
    expect(await textOf(ada)).toContain('Not allowed')
    expect(await textOf(ada)).toContain('Signed in as ada')
    expect(await ada.content()).not.toMatch(/grace|Audit/)
    await isSignedIn(grace)
  })
})

/** The account page on two devices of one user. */
import type { Page } from 'playwright-core'
import { describe, expect, it, vi } from 'vitest'
import {
  ADA,
  AT_ONCE,
  focusOf,
  LAPTOP,
  PHONE,
  sending,
  IS_THOROUGH,
  ONE_SIDE,
  signIn,
  trySignIn,
  useDemo,
} from './demo.ts'
import { jar, textOf, useChromium } from './support.ts'

const browser = useChromium()
const open = useDemo()

/** The open page says so, shows nothing of what was on it, and leads back. */
async function expectEnded(page: Page): Promise<void> {
  await page.getByRole('alert').getByRole('heading').waitFor(AT_ONCE)
  expect(await page.getByRole('heading').allInnerTexts()).toEqual(['You were signed out'])
  expect(await page.title()).toBe('You were signed out')
  expect(await page.content()).not.toMatch(/Signed in as|\bada\b|Firefox|Safari|127\.0\.0\.0/)
  expect(await focusOf(page)).toMatchObject({ what: 'link Sign in again' })
  await sending(page, () => page.keyboard.press('Enter'))
  await page.getByLabel('User').waitFor()
  expect(await jar(page)).toEqual([])
}

describe.each(ONE_SIDE)('a laptop on $name and a phone on the other app', ({ here, there }) => {
  async function arrive(): Promise<{ laptop: Page; phone: Page; theirs: string }> {
    const demo = await open()
    const laptop = await browser.page({ userAgent: LAPTOP })
    await signIn(laptop, demo[here], ADA)
    await laptop.getByText('Live').waitFor()
    const reload = vi.fn()
    laptop.on('load', reload)
    const phone = await browser.page({ userAgent: PHONE })
    await signIn(phone, demo[there], ADA)
    await laptop.getByText('2 devices are signed in.').waitFor(AT_ONCE)
    expect(await laptop.locator('.device h3').allInnerTexts()).toEqual([
      'Safari on iOS',
      'Firefox on Linux This device',
    ])
    expect(reload).not.toHaveBeenCalled()
    await phone.getByText('Live').waitFor()
    return { laptop, phone, theirs: demo[there] }
  }

  it('sees it come, ends it, and the phone says so', async () => {
    const { laptop, phone } = await arrive()
    const end = laptop.getByRole('button', { name: 'End', exact: true })
    await end.focus()
    await sending(laptop, () => end.press('Enter'))
    expect(await textOf(laptop)).toContain('One device is signed in.')
    expect(await focusOf(laptop)).toMatchObject({ what: 'p That session has ended.' })
    await expectEnded(phone)
    expect(await textOf(laptop)).toContain('Signed in as ada')
  })

  if (IS_THOROUGH) {
    it('sees it go', async () => {
      const { laptop, phone } = await arrive()
      await sending(phone, () => phone.getByRole('button', { name: 'Sign out' }).click())
      await laptop.getByText('One device is signed in.').waitFor(AT_ONCE)
      expect(await laptop.locator('.device').count()).toBe(1)
    })
  }

  if (IS_THOROUGH) {
    it('ends all others', async () => {
      const { laptop, phone } = await arrive()
      const button = laptop.getByRole('button', { name: 'End all other sessions' })
      await sending(laptop, () => button.click())
      expect(await textOf(laptop)).toContain('Other sessions that were ended: 1.')
      await expectEnded(phone)
      await sending(laptop, () => laptop.reload())
      expect(await textOf(laptop)).toContain('One device is signed in.')
    })
  }

  it('changes the password, and only the new one opens', async () => {
    const { laptop, phone, theirs } = await arrive()
    const next = 'analytical engine'
    await laptop.getByLabel('Current password').fill(ADA.password)
    await laptop.getByLabel('New password').fill(next)
    await sending(laptop, () => laptop.getByRole('button', { name: 'Change' }).click())
    expect(await textOf(laptop)).toContain('Password changed.')
    await expectEnded(phone)

    await trySignIn(phone, ADA)
    expect(await textOf(phone)).toContain('Wrong user or password.')
    expect(await jar(phone)).toEqual([])
    await trySignIn(phone, { user: ADA.user, password: next })
    expect(phone.url()).toBe(`${theirs}/account`)
  })
})

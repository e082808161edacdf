/** A newcomer to the demo who has no mouse. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { ADA, focusOf, IS_THOROUGH, sending, SIDES, tabTo, useDemo } from './demo.ts'
import { jar, textOf, useChromium } from './support.ts'

const browser = useChromium()
const open = useDemo()

async function signInByKeyboard(page: Page): Promise<void> {
  await tabTo(page, 'field User')
  await page.keyboard.type(ADA.user)
  expect(await tabTo(page, 'field Password')).toHaveLength(1)
  await page.keyboard.type(ADA.password)
  expect(await tabTo(page, 'button Sign in')).toHaveLength(1)
  await sending(page, () => page.keyboard.press('Enter'))
}

describe.each(SIDES)('by keyboard on $name', ({ name, here, there }) => {
  const other = name === 'Express' ? 'Hono' : 'Express'

  it('signs in, sees the account, and signs out for good', async () => {
    const demo = await open()
    const page = await browser.page()
    await page.goto(demo[here])
    await signInByKeyboard(page)
    expect(page.url()).toBe(`${demo[here]}/account`)
    expect(await textOf(page)).toContain('One device is signed in.')
    const [cookie] = await jar(page)
    expect(cookie).toMatchObject({ name: 'session', httpOnly: true, sameSite: 'Lax' })

    expect(await tabTo(page, 'button Sign out')).toEqual([
      'link Skip to the content',
      'link Adjourn demo',
      'link Account',
      'link Why?',
      'button Sign out',
    ])
    await sending(page, () => page.keyboard.press('Enter'))
    expect(await focusOf(page)).toEqual({ what: 'p You are signed out.', isSeen: true })
    expect(await jar(page)).toEqual([])

    await page.goBack()
    await page.waitForURL(`${demo[here]}/`)
    expect(await page.content()).not.toMatch(/Signed in as|One device/)
    expect(await jar(page)).toEqual([])
    expect((await page.goto(`${demo[there]}/account`))?.url()).toBe(`${demo[there]}/`)
  })

  it('is signed in on the other app, and out of both', async () => {
    const demo = await open()
    const page = await browser.page()
    await page.goto(demo[here])
    await signInByKeyboard(page)
    const before = await jar(page)

    await tabTo(page, `link The same page on ${other}`)
    await sending(page, () => page.keyboard.press('Enter'))
    expect(page.url()).toBe(`${demo[there]}/account`)
    expect(await textOf(page)).toContain('Signed in as ada')
    expect(await textOf(page)).toContain(`Served by ${other}.`)
    expect(await jar(page)).toEqual(before)

    await tabTo(page, 'button Sign out')
    await sending(page, () => page.keyboard.press('Enter'))
    await page.goto(`${demo[here]}/account`)
    expect(page.url()).toBe(`${demo[here]}/`)
    expect(await jar(page)).toEqual([])
  })

  if (IS_THOROUGH) {
    it('skips what is on every page', async () => {
      const demo = await open()
      const page = await browser.page()
      await page.goto(demo[here])
      expect(await tabTo(page, 'link Skip to the content')).toHaveLength(1)
      await page.keyboard.press('Enter')
      expect(await tabTo(page, 'field User')).toHaveLength(1)
    })
  }

  if (IS_THOROUGH || here === 'hono') {
    it('is led to what was wrong', async () => {
      const demo = await open()
      const page = await browser.page()
      await page.goto(demo[here])
      await tabTo(page, 'field User')
      await page.keyboard.type('ada')
      await tabTo(page, 'field Password')
      await page.keyboard.type('wrong')
      await sending(page, () => page.keyboard.press('Enter'))
      await expect.poll(() => focusOf(page)).toEqual({ what: 'field Password', isSeen: true })
      const field = page.getByLabel('Password')
      expect(await field.inputValue()).toBe('')
      expect(await field.getAttribute('aria-describedby')).toBe('password-error')
      expect(await page.locator('#password-error').innerText()).toBe('Wrong user or password.')
      expect(await page.getByLabel('User').inputValue()).toBe('ada')
      expect(await jar(page)).toEqual([])
    })
  }
})

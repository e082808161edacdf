/** Every page of the demo, on a phone and on a desk, light and dark. */
import type { RunningDemo } from '@adjourn/example-demo'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import {
  ADA,
  AT_ONCE,
  expectGoodPage,
  GRACE,
  LAPTOP,
  PHONE,
  sending,
  signIn,
  trySignIn,
  useDemo,
} from './demo.ts'
import { IS_THOROUGH, useChromium } from './support.ts'

const browser = useChromium()
const open = useDemo()

interface Visit {
  readonly page: Page
  readonly demo: RunningDemo
  readonly origin: string
}

const press = ({ page }: Visit, name: string): Promise<void> =>
  sending(page, () => page.getByRole('button', { name }).click())

/** Signs somebody in on another device. */
async function another({ demo }: Visit, who: typeof ADA): Promise<Page> {
  const page = await browser.page({ userAgent: PHONE })
  await signIn(page, demo.hono, who)
  return page
}

/** How to get to each. */
const PAGES: Record<string, (visit: Visit) => Promise<unknown>> = {
  'sign-in': ({ page, origin }) => page.goto(origin),
  'sign-in-wrong': async ({ page, origin }) => {
    await page.goto(origin)
    await trySignIn(page, { user: 'ada', password: 'wrong' })
  },
  'signed-out': async (visit) => {
    await signIn(visit.page, visit.origin, ADA)
    await press(visit, 'Sign out')
  },
  account: async (visit) => {
    await another(visit, ADA)
    await signIn(visit.page, visit.origin, ADA)
    await visit.page.getByText('Live').waitFor()
  },
  'account-notice': async (visit) => {
    await another(visit, ADA)
    await signIn(visit.page, visit.origin, ADA)
    await press(visit, 'End all other sessions')
  },
  'password-wrong': async (visit) => {
    await signIn(visit.page, visit.origin, ADA)
    await visit.page.getByLabel('Current password').fill('wrong')
    await visit.page.getByLabel('New password').fill('long enough')
    await press(visit, 'Change the password')
  },
  ended: async (visit) => {
    await signIn(visit.page, visit.origin, ADA)
    await visit.page.getByText('Live').waitFor()
    const other = await another(visit, ADA)
    await press({ ...visit, page: other }, 'End all other sessions')
    await visit.page.getByRole('link', { name: 'Sign in again' }).waitFor(AT_ONCE)
  },
  admin: async (visit) => {
    await another(visit, ADA)
    await another(visit, GRACE)
    await signIn(visit.page, visit.origin, GRACE)
    await visit.page.goto(`${visit.origin}/admin`)
    await visit.page.getByText('Live').waitFor()
  },
  'admin-nobody': async (visit) => {
    await signIn(visit.page, visit.origin, GRACE)
    await visit.page.goto(`${visit.origin}/admin?q=zzz`)
  },
  refused: async (visit) => {
    await signIn(visit.page, visit.origin, ADA)
    await visit.page.goto(`${visit.origin}/admin`)
  },
  'not-found': ({ page, origin }) => page.goto(`${origin}/nowhere`),
  why: ({ page, origin }) => page.goto(`${origin}/why`),
  'why-failed': async ({ page, origin }) => {
    await page.goto(`${origin}/why`)
    await sending(page, () => page.getByRole('button').click())
    await page.getByText('It could not run.').waitFor(AT_ONCE)
  },
}

const CHOSEN = IS_THOROUGH ? Object.keys(PAGES) : ['sign-in', 'account', 'admin']

it.each(CHOSEN)('%s is in order', async (name) => {
  const demo = await open({ openStorage: noStorage })
  const page = await browser.page({ userAgent: LAPTOP })
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => {
    // Chromium says so of every page whose status is 400 or more.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      errors.push(message.text())
    }
  })
  await PAGES[name]?.({ page, demo, origin: demo.express })
  await expectGoodPage(page, name)
  expect(errors).toEqual([])
})

const noStorage = async (): Promise<never> => {
  throw new Error('No MongoDB was found, and none could be fetched. Set MONGODB_URI to one.')
}

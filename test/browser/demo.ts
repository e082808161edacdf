/** The demo as its users see it, for tests in a real browser. */
import type { DemoOptions, RunningDemo } from '@adjourn/example-demo'
import type { Page } from 'playwright-core'
import { afterEach, expect } from 'vitest'
import { openDemo, SIDES, type TestDemo } from '../demo/support.ts'
import {
  expectAccessible,
  expectLargeTargets,
  expectNoSidewaysScrolling,
  expectReadableColors,
  expectTabOrder,
} from './page-rules.ts'
import { everyLook, IS_THOROUGH, shoot } from './support.ts'

export { ADA, GRACE, SIDES } from '../demo/support.ts'

export { IS_THOROUGH }

/** `test/demo` asks both apps for all of their pages. */
export const ONE_SIDE = IS_THOROUGH ? SIDES : SIDES.slice(-1)

/** Live updates are sent at once; the next refresh would come only after ten seconds. */
export const AT_ONCE = { timeout: 8000 }

export const LAPTOP = 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0'
export const PHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) Safari/605.1'

/** Starts demos, each with its own data; all are closed after the test. */
export function useDemo(): (options?: Partial<DemoOptions>) => Promise<RunningDemo> {
  let opened: TestDemo[] = []

  afterEach(async () => {
    await Promise.all(opened.map((each) => each[Symbol.asyncDispose]()))
    opened = []
  })

  return async (options) => {
    const world = await openDemo(options)
    opened.push(world)
    return world.demo
  }
}

interface Credentials {
  readonly user: string
  readonly password: string
}

/** Fills in the form and sends it, and waits for what the server answers. */
export async function trySignIn(page: Page, { user, password }: Credentials): Promise<void> {
  await page.getByLabel('User').fill(user)
  await page.getByLabel('Password').fill(password)
  await sending(page, () => page.getByRole('button', { name: 'Sign in' }).click())
}

export async function signIn(page: Page, origin: string, who: Credentials): Promise<void> {
  await page.goto(`${origin}/`)
  await trySignIn(page, who)
  expect(page.url()).toBe(`${origin}/account`)
}

/** Waits for the page that a form leads to, also where it is the same address again. */
export async function sending(page: Page, send: () => Promise<unknown>): Promise<void> {
  const loaded = page.waitForEvent('domcontentloaded')
  await send()
  await loaded
}

/** What has the focus: its kind and its name. */
export interface Focus {
  readonly what: string
  /** Whether somebody who looks at the page can see where it is. */
  readonly isSeen: boolean
}

export function focusOf(page: Page): Promise<Focus> {
  return page.evaluate(() => {
    const kinds: Record<string, string> = {
      A: 'link',
      BUTTON: 'button',
      INPUT: 'field',
      SELECT: 'field',
    }
    const element = document.activeElement as HTMLInputElement
    const { tagName, labels, innerText } = element
    const name = labels?.[0]?.innerText ?? innerText
    const { top, bottom, left, right } = element.getBoundingClientRect()
    const { outlineStyle, outlineWidth } = getComputedStyle(element)
    return {
      what: `${kinds[tagName] ?? tagName.toLowerCase()} ${name.trim()}`,
      isSeen:
        outlineStyle !== 'none' &&
        Number.parseFloat(outlineWidth) >= 2 &&
        // Scrolled to whole pixels.
        top >= -1 &&
        left >= -1 &&
        bottom <= innerHeight + 1 &&
        right <= innerWidth + 1,
    }
  })
}

const MOST_STOPS = 30

/** Presses Tab until this has the focus; each stop on the way must be seen. Returns the stops. */
export async function tabTo(page: Page, what: string): Promise<string[]> {
  const stops: string[] = []
  while (stops.at(-1) !== what) {
    if (stops.length === MOST_STOPS) throw new Error(`No Tab leads to ${what}: ${stops.join(', ')}`)
    await page.keyboard.press('Tab')
    const focus = await focusOf(page)
    expect(focus).toMatchObject({ isSeen: true })
    stops.push(focus.what)
  }
  return stops
}

/** In every look: a screenshot of it, and the rules that hold for all pages. */
export async function expectGoodPage(page: Page, name: string): Promise<void> {
  await everyLook(page, async (look) => {
    const isDark = look.colorScheme === 'dark'
    if (!IS_THOROUGH && (isDark || look.width > 360)) return
    await shoot(page, `demo-${name}`, look)
    if (isDark) return expectReadableColors(page)
    await expectAccessible(page)
    await expectNoSidewaysScrolling(page)
    await expectLargeTargets(page)
    await expectTabOrder(page)
  })
}

/** What must be true of a page, whatever is on it. */
import axe, { type RunOptions } from 'axe-core'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

/** WCAG 2.2 A and AA, as far as a program can check it. */
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa']

/** Those of its rules that depend on colors. */
const COLORS = ['color-contrast', 'link-in-text-block']

export async function expectAccessible(page: Page): Promise<void> {
  expect(await violations(page, { runOnly: WCAG })).toEqual([])
}

/** What is left to check where only the color scheme is another. */
export async function expectReadableColors(page: Page): Promise<void> {
  expect(await violations(page, { runOnly: COLORS })).toEqual([])
}

async function violations(page: Page, options: RunOptions): Promise<object[]> {
  // Not as a script of the page, which its policy would refuse.
  if (!(await page.evaluate(() => 'axe' in globalThis))) {
    await page.evaluate(`${axe.source}; undefined`)
  }
  const results = await page.evaluate(async (wanted) => {
    const { axe: here } = globalThis as unknown as { axe: typeof axe }
    return here.run({ ...wanted, resultTypes: ['violations'] })
  }, options)
  // A page that is not there has no violations either.
  expect(results.passes.map(({ id }) => id)).toContain('color-contrast')
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => ({ id, html, failureSummary })),
  )
}

export async function expectNoSidewaysScrolling(page: Page): Promise<void> {
  const { content, window } = await page.evaluate(() => {
    const { scrollWidth = 0, clientWidth = 0 } = document.scrollingElement ?? {}
    return { content: scrollWidth, window: clientWidth }
  })
  expect(content).toBeLessThanOrEqual(window)
}

const CONTROLS = 'a[href], button, select, input:not([type=hidden])'

/** Links in running text may be as high as the text is. */
const TARGETS = 'button, .button, select, input:not([type=hidden]), nav a, .brand a, footer a'

/** A finger finds them: 44 CSS pixels, with the label where it can be pressed instead. */
export async function expectLargeTargets(page: Page): Promise<void> {
  const small = await page.locator(TARGETS).evaluateAll((elements) =>
    elements
      .filter((element) => element.checkVisibility())
      .flatMap((element) => {
        const isCheckbox = element.matches('[type=checkbox]')
        const pressed = isCheckbox ? (element as HTMLInputElement).labels?.[0] : element
        const { height = 0 } = pressed?.getBoundingClientRect() ?? {}
        return height < 44 ? [`${element.outerHTML}: ${height}`] : []
      }),
  )
  expect(small).toEqual([])
}

/** Tab leads to every control, and never back up the page. */
export async function expectTabOrder(page: Page): Promise<void> {
  const controls = page.locator(CONTROLS)
  const all = await controls.evaluateAll((elements) =>
    elements.flatMap((element, n) => (element.checkVisibility() ? [n] : [])),
  )
  const stops: Stop[] = []
  await controls.first().focus()
  for (let n = 0; n < all.length; n++) {
    stops.push(await stopOf(page))
    await page.keyboard.press('Tab')
  }
  expect(stops.map(({ n }) => n)).toEqual(all)
  // The link that skips the header is where it is not in the way.
  for (const [n, stop] of stops.entries()) {
    const before = stops[n - 1]
    if (n > 1 && before !== undefined) {
      expect(stop.bottom, `${before.html} and then ${stop.html}`).toBeGreaterThan(before.top)
    }
  }
}

interface Stop {
  /** The how manieth of the controls; -1: something else. */
  readonly n: number
  readonly html: string
  readonly top: number
  readonly bottom: number
}

function stopOf(page: Page): Promise<Stop> {
  return page.evaluate((selector) => {
    const element = document.activeElement ?? document.body
    const { top, bottom } = element.getBoundingClientRect()
    return {
      n: [...document.querySelectorAll(selector)].indexOf(element),
      html: element.outerHTML,
      top: top + scrollY,
      bottom: bottom + scrollY,
    }
  }, CONTROLS)
}

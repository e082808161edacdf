/** The page that shows why, with a MongoDB behind it. */
import { expect, inject, it, vi } from 'vitest'
import { expectGoodPage, sending, useDemo } from './demo.ts'
import { textOf, useChromium } from './support.ts'

const RUN_MS = 150_000

const browser = useChromium()
const open = useDemo()

it(
  'runs while one looks on, and shows which ways are no logout',
  async () => {
    vi.stubEnv('MONGODB_URI', inject('mongodbUri'))
    const demo = await open()
    const page = await browser.page()
    await page.goto(`${demo.express}/why`)
    expect(await textOf(page)).toContain('Not run yet.')
    await sending(page, () => page.getByRole('button', { name: 'Run all seven' }).click())
    await page.getByRole('status').getByText('Running: 1 of 7').waitFor()
    const load = vi.fn()
    page.on('load', load)

    await page
      .getByRole('status')
      .getByText(/^Done in/)
      .waitFor({ timeout: RUN_MS })
    expect(load).not.toHaveBeenCalled()
    expect(await page.getByRole('row').allInnerTexts()).toHaveLength(8)
    const cells = await page
      .getByRole('row')
      .evaluateAll((rows) =>
        rows
          .slice(1)
          .map((row) => [...row.children].map((cell) => (cell as HTMLElement).innerText.trim())),
      )
    // On a machine so busy that the slow requests hardly met a logout, it is not proven.
    const verdict = expect.stringMatching(/^(✓ yes|not proven)$/) as string
    // Way, verdict, record left, deletion cookie sent, signed in by the same cookie.
    expect(cells.map((row) => row.slice(0, 5))).toEqual([
      ['req.session.destroy(cb)', '✗ no', 'no', 'no', 'no'],
      ["req.session.destroy(); res.redirect('/')", '✗ no', expect.any(String), 'no', 'no'],
      ['req.session = null', '✗ no', 'yes', 'no', 'yes'],
      ['req.session = {}', '✗ no', 'yes', expect.stringContaining('no'), 'yes'],
      ['req.session.cookie.expires = Date.now()', '✗ no', 'yes', 'no', 'yes'],
      ['await session.end() on Express', verdict, 'no', 'yes', 'no'],
      ['await session.end() on Hono', verdict, 'no', 'yes', 'no'],
    ])
    for (const row of cells.slice(5)) expect(row[5]).toMatch(/^(0 of \d+|never met)$/)
    await expectGoodPage(page, 'why-done')
  },
  RUN_MS + 90_000,
)
